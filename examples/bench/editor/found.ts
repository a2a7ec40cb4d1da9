// What the editor finds in a WGSL text: its bindings and constants by reflection, and what the adapter's compiler says.

import { declaredIn, type Declared } from '../../../src/bench/index';
import { open, type Engine } from '../../../src/index';
import { reflect } from '../../../src/wgsl/reflect';
import type { Complaint } from './code';

export interface FoundBuffer {
  readonly name: string;
  /** As it is declared. */
  readonly type: string;
  readonly isResult: boolean;
  readonly access: string;
}

export interface Found {
  /** What the params are called; `p` where there are none. */
  readonly uniform: string;
  readonly params: readonly { readonly name: string; readonly type: string }[];
  readonly buffers: readonly FoundBuffer[];
  readonly constants: readonly Declared[];
}

/** Constants that are a number or a switch, and overrides. */
const isPlain = ({ value, override }: Declared): boolean =>
  override || /^(true|false|-?\d[\w.]*)$/.test(value ?? '');

/** What a text binds; or what is wrong with it. */
export function find(name: string, wgsl: string): Found | Complaint {
  try {
    const { bindings, params } = reflect(name, wgsl);
    const typeOf = (label: string) => new RegExp(`>\\s*${label}\\s*:\\s*([^;]+);`).exec(wgsl)?.[1] ?? '';
    return {
      uniform: bindings.find(({ access }) => access === 'params')?.name ?? 'p',
      params: params.map((param) => ({ name: param.name, type: param.type })),
      buffers: bindings
        .filter(({ access }) => access !== 'params')
        .map(({ name: label, access }) => ({
          ...{ name: label, type: typeOf(label), isResult: access === 'read_write' },
          access: { read: 'read', read_write: 'read and written', uniform: 'uniform' }[access as 'read'],
        })),
      constants: declaredIn(wgsl).filter(isPlain),
    };
  } catch (error) {
    const message = (error as Error).message;
    const [, line, text] = /\.wgsl:(\d+): (.*)/.exec(message) ?? [];
    const about = { column: 0, length: 0, kind: 'error' } as const;
    return { line: Number(line ?? 1), text: text ?? message.replace(/\n\s*/g, ' '), ...about };
  }
}

let opened: Promise<Engine> | undefined;

/** An engine that is kept for looking at texts. */
export async function looker(): Promise<Engine> {
  opened ??= open();
  const engine = await opened;
  if (!engine.isLost) return engine;
  return (opened = open());
}

/** What the compiler of this adapter says of a text. */
export async function compiled(code: string): Promise<Complaint[]> {
  const { device } = await looker();
  device.pushErrorScope('validation');
  const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
  await device.popErrorScope();
  return messages.map(({ type, message, lineNum, linePos, length }) => ({
    ...{ kind: type, line: Math.max(1, lineNum), column: linePos, length },
    text: message.split('\n').find((line) => line.trim()) ?? message,
  }));
}
