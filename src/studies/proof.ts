// What the weights of a trained recurrent model prove: the certificate of the lab, as a table has it.

import type { Engine } from '../gpu/engine';
import { lstmCertificate, rnnCertificate } from '../lab/certificate';
import { spectralNorm } from '../lab/matrix';
import { readWeights } from '../lab/weights';
import { LanguageModel } from '../nn/languageModel';
import type { Module } from '../nn/module';
import type { Proof } from '../runs/study';

/** The proof of the layer that proves least; undefined of a GRU, for which no certificate is known. */
export async function proofOf(engine: Engine, model: Module): Promise<Proof | undefined> {
  const { kind, layers } = await readWeights(engine, model);
  if (kind === 'gru') return undefined;
  const bound = await inputBoundOf(engine, model);
  const proofs = layers.map((layer, l): Proof => {
    const norm = spectralNorm(layer.recurrent);
    if (kind === 'rnn') return { norm, lambda: rnnCertificate(layer).lambda };
    // What comes from a layer below is an LSTM's h, and no more than 1.
    const { lambda, F } = lstmCertificate(layer, l ? 1 : bound);
    return { norm, lambda: Number.isFinite(lambda) ? lambda : null, forget: F };
  });
  return proofs.reduce(worse);
}

const worse = (a: Proof, b: Proof): Proof => ((b.lambda ?? Infinity) > (a.lambda ?? Infinity) ? b : a);

/** Whether the state forgets where it began, whatever the inputs. */
export const isStable = ({ lambda }: Proof): boolean => lambda !== null && lambda < 1;

/**
 * B_x, without dropout: a text's embeddings are what they are, or are clamped; other inputs of the studies' recurrent
 * models are zeros and ones.
 */
async function inputBoundOf(engine: Engine, model: Module): Promise<number> {
  if (!(model instanceof LanguageModel)) return 1;
  const values = (await engine.read(model.encoder.weight)) as Float32Array;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Math.min(largest, model.inputBound);
}

/** The proof of the seed that proves least: what holds of it holds of all. Undefined if one has none. */
export function leastProof(proofs: readonly (Proof | undefined)[]): Proof | undefined {
  const known = proofs.filter((proof) => proof !== undefined);
  return known.length && known.length === proofs.length ? known.reduce(worse) : undefined;
}
