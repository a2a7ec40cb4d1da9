// What stands between the input and the head of a model, by the name that the command line has for it. A new kind of
// model is a row in BODIES; models of vectors are then made of it, and texts are evaluated with its field in sight.

import { callerLine, fail, hereStack } from '../graph/check';
import type { Generator } from '../graph/generator';
import { count, finite, oneOf, part, type Rules } from '../graph/options';
import {
  GATED_UNITS,
  GatedConv,
  receptiveFieldOf,
  type ConvLayer,
  type GatedUnit,
} from './gatedConv/gatedConv';
import type { Module } from './module';
import { GCNN, type NetName } from './gatedConv/gatedConvPresets';
import { makeRecurrent, type RecurrentName } from './recurrent';
import { SequenceTransformer } from './transformer/sequenceTransformer';
import type { Stepwise } from './stepwise';
import { fieldOfTcn, TCN } from './tcn';
import { dilationStacks } from './waveNet/waveNetSettings';
import { fieldOfWaveNet, WaveNetBody, type WaveNetBodySettings } from './waveNet/waveNetBody';

/** What a body is made from; each takes what it knows. */
export interface BodySettings {
  /** Channels of every level or layer, hidden units, or columns of a Transformer. */
  readonly hidden: number;
  /** Residual blocks of a TCN, gated convolutions, dilations of a WaveNet, or stacked layers. */
  readonly levels: number;
  /** Taps; default: 3 in a TCN, 4 in gated convolutions, 2 in a WaveNet. */
  readonly kernelSize?: number;
  /** The layers of a published net of gated convolutions in place of these three; hidden is the width of its last. */
  readonly net?: NetName;
  /** The unit of gated convolutions; default: glu. */
  readonly activation?: GatedUnit;
  /** Inside a TCN's blocks and a Transformer's layers; before gated convolutions; between recurrent layers. */
  readonly dropout?: number;
  /** Multiplies the initial weights of convolutions, or those from the input of a recurrent model. */
  readonly gain?: number;
  /** The residual gain of a TCN, see TCNOptions. */
  readonly residualGain?: number;
  /** Where the forget gates' bias of an LSTM starts, see LSTMOptions. */
  readonly forgetBias?: number;
  /** Heads of a Transformer, each hidden / heads wide, a multiple of 4; what follows is for a Transformer, too. */
  readonly heads?: number;
  /** Units inside the feed-forward nets; default: 4 · hidden. */
  readonly feedForward?: number;
  /** Norms before what they are for, or behind the sum as published. */
  readonly norm?: 'pre' | 'post';
  /** Default: sines, as published. */
  readonly positions?: 'sinusoidal' | 'learned';
  /** The most steps of a sequence. */
  readonly length?: number;
  /** How often the dilations of a WaveNet go from 1 to 2^(levels − 1); default: 1. */
  readonly stacks?: number;
  /** Channels of a WaveNet's skip connections and of its result; default: four times the others. */
  readonly skip?: number;
}

/** What settings may be. */
export const BODY_RULES: Rules<BodySettings> = {
  hidden: count,
  levels: count,
  kernelSize: count,
  net: oneOf(Object.keys(GCNN)),
  activation: oneOf(GATED_UNITS),
  dropout: part,
  gain: finite,
  residualGain: finite,
  forgetBias: finite,
  heads: count,
  feedForward: count,
  norm: oneOf(['pre', 'post']),
  positions: oneOf(['sinusoidal', 'learned']),
  length: count,
  stacks: count,
  skip: count,
};

/** What stands between an input and a head. */
export interface Body {
  /** [B, T, inputs] to [B, T, width]. */
  make(inputs: number, settings: BodySettings, generator: Generator): Module & Stepwise;
  /** Inputs that an output can see, itself included, where that does not grow with the past. */
  field?(settings: FieldSettings): number;
  /** Channels of the result; default: `hidden`. */
  width?(settings: BodySettings): number;
}

/** What a receptive field depends on. */
export type FieldSettings = Pick<BodySettings, 'hidden' | 'levels' | 'kernelSize' | 'stacks' | 'net'>;

/** The gated convolutions of these settings: `levels` equal ones, or those of a published net. */
export const gatedLayers = ({ hidden, levels, kernelSize = 4, net }: FieldSettings): readonly ConvLayer[] =>
  net ? GCNN[net].layers : Array<ConvLayer>(levels).fill([hidden, kernelSize]);

const recurrent = (name: RecurrentName): Body => ({
  make: (inputs, { hidden, levels, dropout, gain, forgetBias }, generator) =>
    makeRecurrent(name, inputs, hidden, { layers: levels, dropout, generator, inputGain: gain, forgetBias }),
});

const TAPS = 3;

const tcn: Body = {
  make: (inputs, { hidden, levels, kernelSize = TAPS, dropout, gain, residualGain }, generator) =>
    new TCN(inputs, Array<number>(levels).fill(hidden), {
      kernelSize,
      dropout,
      generator,
      gain,
      residualGain,
    }),
  field: ({ levels, kernelSize = TAPS }) => fieldOfTcn(levels, kernelSize),
};

const gcnn: Body = {
  make(inputs, settings, generator) {
    const { dropout, activation, gain } = settings;
    return new GatedConv(inputs, gatedLayers(settings), { dropout, activation, gain, generator });
  },
  field: (settings) => receptiveFieldOf(gatedLayers(settings)),
};

const transformer: Body = {
  make(inputs, settings, generator) {
    const { hidden, levels: layers, heads, length, feedForward, dropout, norm, positions } = settings;
    if (heads === undefined || length === undefined) {
      fail(`A transformer needs ${heads ? 'a length' : 'heads'}.`, {
        at: callerLine(hereStack()),
        fix: heads ? 'give the most steps of a sequence.' : 'give heads, e.g. 4.',
      });
    }
    return new SequenceTransformer(inputs, hidden, {
      layers,
      heads,
      length,
      feedForward,
      dropout,
      norm,
      positions,
      generator,
    });
  },
};

const dilationsOf = ({ stacks = 1, levels }: FieldSettings) => dilationStacks(stacks, levels);
const skipOf = ({ skip, hidden }: BodySettings) => skip ?? 4 * hidden;

/** The WaveNet of these settings: residual and dilation channels are equal. */
export function waveNetLayers(settings: BodySettings): WaveNetBodySettings {
  const { hidden, kernelSize } = settings;
  return {
    dilations: dilationsOf(settings),
    kernelSize,
    skipChannels: skipOf(settings),
    residualChannels: hidden,
    dilationChannels: hidden,
  };
}

const wavenet: Body = {
  make: (inputs, settings) => new WaveNetBody(inputs, waveNetLayers(settings)),
  field: (settings) => fieldOfWaveNet(dilationsOf(settings), settings.kernelSize),
  width: skipOf,
};

/** The bodies by their names. */
export const BODIES = {
  tcn,
  lstm: recurrent('lstm'),
  gru: recurrent('gru'),
  rnn: recurrent('rnn'),
  gcnn,
  transformer,
  wavenet,
} as const satisfies Readonly<Record<string, Body>>;

/** The name of a body. */
export type ModelName = keyof typeof BODIES;
/** The names of all bodies. */
export const MODELS = /* @__PURE__ */ Object.keys(BODIES) as readonly ModelName[];

/** The body of that name. */
export function bodyCalled(model: string): Body {
  const known: Readonly<Record<string, Body>> = BODIES;
  if (Object.hasOwn(known, model)) return known[model];
  return fail(`There is no model called ${model}.`, { fix: `use one of ${MODELS.join(', ')}.` });
}

type Called = { readonly model: string };

/** Channels of what the body of these settings gives. */
export const widthOfBody = (settings: BodySettings & Called, body = bodyCalled(settings.model)): number =>
  body.width?.(settings) ?? settings.hidden;

/** Inputs that an output of this model can see, itself included; ∞ where that is all there are. */
export const fieldOf = (settings: FieldSettings & Called, body = bodyCalled(settings.model)): number =>
  body.field?.(settings) ?? Infinity;
