// A language model of any body:
//
//   ids → embedding → dropout → body → softmax

import { Generator } from '../graph/generator';
import type { Body, BodySettings } from '../nn/bodies';
import { ConvLanguageModel, type ConvBody } from '../nn/convLanguageModel';
import { Embedding } from '../nn/embedding';
import { FullSoftmax } from '../nn/softmaxHead';
import type { Made } from './made';

type BodyLMSettings = Made & BodySettings & { readonly embedding?: number; readonly inputDropout?: number };

/** u32 ids [B, T] to a distribution over the next token at every step. Nothing is carried from segment to segment. */
export class BodyLM extends ConvLanguageModel {
  /** `longest`: the most steps that it reads at once. */
  constructor(vocabulary: number, body: Body, settings: BodyLMSettings, longest: number) {
    const { model, hidden, embedding = hidden, inputDropout = 0, seed } = settings;
    const generator = new Generator(seed);
    const encoder = new Embedding(vocabulary, embedding);
    const made = body.make(embedding, { ...settings, length: longest }, generator);
    const receptiveField = body.field?.(settings) ?? Infinity;
    const inside: ConvBody = Object.assign(made, { receptiveField });
    const decoder = new FullSoftmax(body.width?.(settings) ?? hidden, vocabulary);
    super({ encoder, body: { [model]: inside }, decoder, inputDropout, generator });
  }
}
