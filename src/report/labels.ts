// Where the names of marks stand so that none covers another or a mark.

export interface LabelledMark {
  readonly name: string;
  /** Pixels from the left and from the top of the panel. */
  readonly at: readonly [number, number];
}

export interface LabelPlace {
  readonly side: 'left' | 'right';
  /** Pixels below the mark's own height. */
  readonly shift: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const [LETTER, LINE] = [7.6, 14];
const RADIUS = 7;
/** From the edge of a mark, and from its middle, to its name. */
export const LABEL_DISTANCE = 5;
export const LABEL_OFFSET = RADIUS + LABEL_DISTANCE;
/** Pixels by which a name may move, at most, and at a time. */
const [FARTHEST, STEP] = [90, 2];

/** The marks in reading order, each as near to its own height as the ones before it leave room for. */
export function placeLabels(
  marks: readonly LabelledMark[],
  room: readonly [number, number],
): readonly LabelPlace[] {
  const taken: Box[] = marks.map(({ at: [x, y] }) => boxOf(x - RADIUS, 2 * RADIUS, y, 2 * RADIUS));
  const places: LabelPlace[] = [];
  const order = marks.map((_, i) => i).sort((a, b) => marks[a].at[1] - marks[b].at[1]);
  for (const i of order) {
    const found = candidates(marks[i]).find(
      ({ box }) => fits(box, room) && !taken.some((one) => meet(one, box)),
    );
    const { place, box } = found ?? candidates(marks[i])[0];
    places[i] = place;
    taken.push(box);
  }
  return places;
}

/** Nearest first; the right side before the left one. */
function candidates({ name, at: [x, y] }: LabelledMark): { place: LabelPlace; box: Box }[] {
  const width = LETTER * name.length;
  const [right, left] = [x + LABEL_OFFSET, x - LABEL_OFFSET - width];
  const shifts = Array.from({ length: (2 * FARTHEST) / STEP + 1 }, (_, i) => STEP * (i - FARTHEST / STEP));
  return shifts
    .sort((a, b) => Math.abs(a) - Math.abs(b))
    .flatMap((shift) => [
      { place: { side: 'right', shift }, box: boxOf(right, width, y + shift, LINE) },
      { place: { side: 'left', shift }, box: boxOf(left, width, y + shift, LINE) },
    ]);
}

const boxOf = (left: number, width: number, middle: number, height: number): Box => ({
  left,
  right: left + width,
  top: middle - height / 2,
  bottom: middle + height / 2,
});

const meet = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

const fits = ({ left, right, top, bottom }: Box, [width, height]: readonly [number, number]): boolean =>
  left >= 0 && right <= width && top >= 0 && bottom <= height;
