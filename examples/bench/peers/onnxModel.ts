// Writes ONNX models: the few messages and fields of onnx.proto that a graph of ordinary nodes needs, as bytes
// of the protobuf wire format.

import type { HostArray } from '../../../src/graph/host';

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

export interface Graph {
  readonly nodes: readonly Node[];
  /** f32 tensors by name, with their shapes. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Inputs that are known when the session is made. */
  readonly weights?: Readonly<Record<string, HostArray>>;
}

/** Version 17 of the operators is the first with LayerNormalization. */
const OPSET = 17;
const IR_VERSION = 8;
const FLOAT = 1;
const ATTRIBUTE = { int: 2, string: 3, ints: 7 };

/** The bytes of a model. */
export const model = (graph: Graph): Uint8Array =>
  message(
    number(1, IR_VERSION),
    bytes(7, graphProto(graph)),
    bytes(8, message(text(1, ''), number(2, OPSET))),
  );

const graphProto = ({ nodes, inputs, outputs, weights = {} }: Graph): Uint8Array =>
  message(
    ...nodes.map((node) => bytes(1, nodeProto(node))),
    text(2, 'graph'),
    ...Object.entries(weights).map(([name, array]) => bytes(5, tensorProto(name, array))),
    ...Object.entries(inputs).map(([name, shape]) => bytes(11, valueInfo(name, shape))),
    ...Object.entries(outputs).map(([name, shape]) => bytes(12, valueInfo(name, shape))),
  );

const nodeProto = ({ op, inputs, outputs, attributes = {} }: Node): Uint8Array =>
  message(
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
  );

function attribute(name: string, value: number | string | readonly number[]): Uint8Array {
  if (typeof value === 'string') return message(text(1, name), text(4, value), number(20, ATTRIBUTE.string));
  if (typeof value === 'number') return message(text(1, name), number(3, value), number(20, ATTRIBUTE.int));
  return message(text(1, name), ...value.map((one) => number(8, one)), number(20, ATTRIBUTE.ints));
}

const tensorProto = (name: string, { shape, data }: HostArray): Uint8Array =>
  message(
    ...shape.map((extent) => number(1, extent)),
    number(2, FLOAT),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

const valueInfo = (name: string, shape: readonly number[]): Uint8Array => {
  const dimensions = shape.map((extent) => bytes(1, message(number(1, extent))));
  const tensor = message(number(1, FLOAT), bytes(2, message(...dimensions)));
  return message(text(1, name), bytes(2, message(bytes(1, tensor))));
};

type Field = readonly Uint8Array[];

function message(...fields: readonly Field[]): Uint8Array {
  const parts = fields.flat();
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** A field's number is followed by how its value is written: 0 a varint, 2 a length and so many bytes. */
const number = (field: number, value: number): Field => [varint(field << 3), varint(value)];
const bytes = (field: number, value: Uint8Array): Field => [
  varint((field << 3) | 2),
  varint(value.length),
  value,
];
const text = (field: number, value: string): Field => bytes(field, new TextEncoder().encode(value));

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = value;
  while (rest >= 128) {
    digits.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...digits, rest]);
}
