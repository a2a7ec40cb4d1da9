// An address in parts.

/** A scene's name, and its settings as they stand in the address. */
export interface Place {
  readonly scene: string;
  readonly values: Readonly<Record<string, string>>;
  /** What is hidden, as it stands in the address. */
  readonly hide?: string;
}

/** The parts of what stands behind the # of an address. */
export function placeIn(hash: string): Place {
  const [scene, query = ''] = hash.split('?');
  const { hide, ...values } = Object.fromEntries(new URLSearchParams(query));
  return { scene, values, hide };
}
