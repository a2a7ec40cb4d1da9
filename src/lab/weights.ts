// A recurrent model's weights on the host, in doubles and in PyTorch's order, found by PyTorch's names.

import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import type { Parameter } from '../graph/state';
import { torchShape, toTorch } from '../nn/layout';
import type { Module } from '../nn/module';
import { matrix, type HostMatrix } from './matrix';

/** The recurrent cells that the lab knows. */
export type CellKind = 'rnn' | 'gru' | 'lstm';

/** One layer; gates in blocks, the LSTM's in the order i, f, z, o. */
export interface LayerWeights {
  /** U [gates · H, inputs], from the input. */
  readonly input: HostMatrix;
  /** W [gates · H, H], from the state. */
  readonly recurrent: HostMatrix;
  /** b [gates · H]: both of PyTorch's biases together. */
  readonly bias: Float64Array;
}

/** The weights of a recurrent model on the host. */
export interface RecurrentWeights {
  readonly kind: CellKind;
  /** What stands before the names of the recurrent layers; empty where the model itself is one. */
  readonly prefix: string;
  readonly hidden: number;
  readonly layers: readonly LayerWeights[];
}

const KINDS: Readonly<Record<number, CellKind>> = { 1: 'rnn', 3: 'gru', 4: 'lstm' };

/** Reads the weights of the model's only recurrent stack from the device. */
export async function readWeights(engine: Engine, model: Module): Promise<RecurrentWeights> {
  const parameters = model.namedParameters();
  const names = [...parameters.keys()].filter((name) => /(^|\.)weight_hh_l\d+$/.test(name));
  const prefixes = [...new Set(names.map((name) => name.replace(/weight_hh_l\d+$/, '')))];
  if (prefixes.length !== 1) {
    fail(`readWeights: the model has ${prefixes.length} recurrent parts.`, {
      given: [...parameters.keys()].join(', '),
      at: callerLine(hereStack()),
      fix: 'give a model with one of nn.RNN, nn.LSTM, nn.GRU.',
    });
  }
  const [prefix] = prefixes;
  const read = async (name: string) => {
    const parameter = parameters.get(prefix + name) as Parameter;
    const values = (await engine.read(parameter)) as Float32Array;
    return { shape: torchShape(parameter), values: toTorch(parameter, values) };
  };
  const layers = await Promise.all(
    names.map(async (_, l): Promise<LayerWeights> => {
      const [input, recurrent, b1, b2] = await Promise.all(
        ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map((name) => read(`${name}_l${l}`)),
      );
      return {
        input: matrix(input.shape[0], input.shape[1], input.values),
        recurrent: matrix(recurrent.shape[0], recurrent.shape[1], recurrent.values),
        bias: Float64Array.from(b1.values, (value, i) => value + b2.values[i]),
      };
    }),
  );
  const { rows, columns: hidden } = layers[0].recurrent;
  return { kind: KINDS[rows / hidden], prefix, hidden, layers };
}
