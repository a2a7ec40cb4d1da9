// What threads have written down, put together to what a GPU does at once: a request is one access of all lanes of a
// subgroup that came to a site by the same path.

import { NOTE, headOf, wordsPerThread } from '../../wgsl/trace/harness';

/** An access of a subgroup. */
export interface Request {
  readonly site: number;
  /** Byte addresses in the variable, one for each lane that takes part. */
  readonly addresses: number[];
  /** How many accesses the first of the lanes had made before. */
  readonly turn: number;
}

/** The log of a traced launch. */
export interface Log {
  readonly words: Uint32Array;
  readonly sites: number;
  readonly room: number;
  /** Threads of a workgroup, and workgroups. */
  readonly threads: number;
  readonly groups: number;
}

/** How often each site was come to, by all threads together. */
export function countsOf({ words, sites, room, threads, groups }: Log): number[] {
  const each = wordsPerThread(sites, room);
  const counts = new Array<number>(sites).fill(0);
  for (let thread = 0; thread < threads * groups; thread++) {
    for (let site = 0; site < sites; site++) counts[site] += words[thread * each + 1 + site];
  }
  return counts;
}

/** The requests of each traced workgroup for subgroups of a size, in about the order in which a GPU would make them. */
export function requestsOf(log: Log, subgroup: number): Request[][] {
  return Array.from({ length: log.groups }, (_, group) => {
    const made: Request[] = [];
    for (let first = 0; first < log.threads; first += subgroup) {
      made.push(...ofSubgroup(log, group * log.threads + first, Math.min(subgroup, log.threads - first)));
    }
    return made.sort((a, b) => a.turn - b.turn);
  });
}

function ofSubgroup({ words, sites, room }: Log, first: number, lanes: number): Iterable<Request> {
  const each = wordsPerThread(sites, room);
  const requests = new Map<number, Request & { last: number }>();
  for (let lane = 0; lane < lanes; lane++) {
    const start = (first + lane) * each;
    const used = words[start];
    for (let turn = 0; turn < used; turn++) {
      const at = start + headOf(sites) + NOTE * turn;
      const [site, address] = [words[at], words[at + 1]];
      let path = words[at + 2];
      for (;;) {
        const key = site * 2 ** 32 + path;
        const request = requests.get(key);
        if (!request) {
          requests.set(key, { site, addresses: [address], turn, last: lane });
          break;
        }
        if (request.last !== lane) {
          request.addresses.push(address);
          request.last = lane;
          break;
        }
        // Two paths of one lane with the same number: the second is another request.
        path = (Math.imul(path, 1664525) + 1013904223) >>> 0;
      }
    }
  }
  return requests.values();
}
