// Whether a kernel may be launched with its row of workgroups folded into y. It may if it asks where it is through one
// linear index alone, written out as shaders/README.md has it:
//
//   gid.y * groups.x * WORKGROUP + gid.x        wid.y * groups.x + wid.x
//
// with the arguments of `main` under whatever names. A kernel that looks at x or y apart from that would take the
// folded rows for something else, so it is not folded.

/** An argument of `main`, or a member of a struct that is one, and what it holds. */
export interface Builtin {
  readonly name: string;
  readonly location: string | number;
}

/** `program` has no comments; `size`: the arguments of @workgroup_size, as written. */
export function foldsRows(program: string, inputs: readonly Builtin[], size: readonly string[]): boolean {
  const [width, ...others] = size.map((text) => text.replace(/u$/, ''));
  const namesOf = (builtin: string) =>
    inputs.filter(({ location }) => location === builtin).map(({ name }) => name);
  const groups = namesOf('num_workgroups');
  const flat = others.every((text) => text === '1');
  let body = bodyOfMain(program);
  let folded = false;
  for (const [builtin, factors] of [
    ['workgroup_id', []],
    ['global_invocation_id', [width]],
  ] as const) {
    for (const id of namesOf(builtin)) {
      const rest = withoutIndex(
        body,
        id,
        (product) =>
          (flat || !factors.length) &&
          groups.some((name) => sameFactors(product, [`${id}.y`, `${name}.x`, ...factors])),
      );
      folded ||= rest !== body;
      body = rest;
      if (mentions(body, id, '(?!\\s*\\.z\\b)')) return false;
    }
  }
  return folded && !groups.some((name) => mentions(body, name, ''));
}

function bodyOfMain(program: string): string {
  const start = program.search(/\bfn\s+main\s*\(/);
  let depth = 0;
  const open = program.indexOf('{', start);
  for (let at = open; at < program.length; at++) {
    if (program[at] === '{') depth++;
    if (program[at] === '}' && --depth === 0) return program.slice(open, at);
  }
  return program.slice(open);
}

/** What is left when every sum of `id.x` and a product that `isRow` accepts is taken out. */
function withoutIndex(body: string, id: string, isRow: (product: string) => boolean): string {
  const factor = '(?:\\w+\\s*\\.\\s*)*\\w+';
  const product = `${factor}(?:\\s*\\*\\s*${factor})+`;
  const x = `(?:\\w+\\s*\\.\\s*)?${id}\\s*\\.\\s*x`;
  const [before, after] = ['(?<![-*/%.\\w]\\s*)', '(?!\\s*[*/%.\\w])'];
  const sum = new RegExp(`${before}(?:(${product})\\s*\\+\\s*${x}|${x}\\s*\\+\\s*(${product}))${after}`, 'g');
  return body.replace(sum, (all: string, first?: string, last?: string) =>
    isRow(first ?? last ?? '') ? '' : all,
  );
}

/** Factors in any order; `64u` is 64, and `in.gid.y` is gid.y. */
function sameFactors(product: string, wanted: readonly string[]): boolean {
  const factors = product.replace(/\s/g, '').split('*');
  const plain = factors.map((text) => text.replace(/^(\d+)u$/, '$1').replace(/^\w+\.(?=\w+\.)/, ''));
  return plain.sort().join() === [...wanted].sort().join();
}

const mentions = (body: string, name: string, unless: string): boolean =>
  new RegExp(`\\b${name}\\b${unless}`).test(body);
