// The files of a user's own that a run is made from: where they are, as its folder keeps it beside the settings.

/** Paths of such files. */
export interface OwnFiles {
  /** Those of --from. */
  readonly from?: readonly string[];
  /** Those of flags of their own, by the names of these in camelCase. */
  readonly parts?: Readonly<Record<string, string>>;
}

const isTexts = (values: readonly unknown[]): values is readonly string[] =>
  values.every((value) => typeof value === 'string' && value !== '');

/** All paths. */
export const pathsOf = ({ from = [], parts = {} }: OwnFiles): string[] => [...from, ...Object.values(parts)];

/** The same files with other paths. */
export const withPaths = ({ from, parts }: OwnFiles, path: (of: string) => string): OwnFiles => ({
  from: from?.map(path),
  parts: parts && Object.fromEntries(Object.entries(parts).map(([name, of]) => [name, path(of)])),
});

/** What a file of settings says of them; undefined where it says nothing that could be meant. */
export function readOwnFiles(raw: unknown): OwnFiles | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { from, parts } = raw as Readonly<Record<string, unknown>>;
  const right =
    (from === undefined || (Array.isArray(from) && from.length > 0 && isTexts(from))) &&
    (parts === undefined || (typeof parts === 'object' && parts !== null && isTexts(Object.values(parts))));
  return right && (from ?? parts) !== undefined ? (raw as OwnFiles) : undefined;
}
