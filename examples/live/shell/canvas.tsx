// A canvas that is as sharp as the screen, as wide as there is room, and drawn anew when its size, the theme or what it
// shows changes.

import { useEffect, useRef, useState } from 'preact/hooks';
import { theme } from './colours';

/** Where a picture is drawn: in pixels of the page. */
export interface Paper {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

interface Props {
  /** What a reader who does not see it is told. */
  readonly label: string;
  readonly height: number | ((width: number) => number);
  draw(paper: Paper): void;
  /** A pointer that is down, from 0 to 1 over the width. */
  onDrag?(part: number): void;
}

/** A picture. */
export function Canvas({ label, height, draw, onDrag }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const tall = typeof height === 'function' ? height(width) : height;
  useEffect(() => {
    const watch = new ResizeObserver(([{ contentRect }]) => setWidth(Math.floor(contentRect.width)));
    watch.observe(canvas.current!.parentElement!);
    return () => watch.disconnect();
  }, []);
  const themed = theme.value;
  useEffect(() => {
    if (!width) return;
    const { current } = canvas;
    const ratio = devicePixelRatio || 1;
    if (current!.width !== Math.round(width * ratio)) current!.width = Math.round(width * ratio);
    if (current!.height !== Math.round(tall * ratio)) current!.height = Math.round(tall * ratio);
    current!.style.height = `${tall}px`;
    const context = current!.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, tall);
    draw({ context, width, height: tall });
  }, [draw, width, tall, themed]);
  const drag = (event: PointerEvent) => {
    if (!onDrag || !event.buttons) return;
    const { left, width: all } = canvas.current!.getBoundingClientRect();
    onDrag(Math.min(1, Math.max(0, (event.clientX - left) / all)));
  };
  return (
    <div class={onDrag ? 'paper drags' : 'paper'}>
      <canvas ref={canvas} role="img" aria-label={label} onPointerDown={drag} onPointerMove={drag} />
    </div>
  );
}

/** Values from 0 to 1 [rows, columns] as an image of a pixel each, drawn with sharp edges. */
export function drawCells(
  { context }: Paper,
  values: (row: number, column: number) => number,
  [rows, columns]: readonly [number, number],
  [x, y, width, height]: readonly [number, number, number, number],
  table: Uint8ClampedArray,
): void {
  const image = new ImageData(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = Math.min(255, Math.max(0, Math.round(values(row, column) * 255)));
      const at = (row * columns + column) * 4;
      image.data[at] = table[value * 3];
      image.data[at + 1] = table[value * 3 + 1];
      image.data[at + 2] = table[value * 3 + 2];
      image.data[at + 3] = 255;
    }
  }
  small.width = columns;
  small.height = rows;
  small.getContext('2d')!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, x, y, width, height);
}

const small = document.createElement('canvas');
