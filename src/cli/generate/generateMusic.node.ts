// Music from a model of 88 keys: a MIDI file, and a picture of it.

import { join, resolve } from 'node:path';
import { KEYS, type Music } from '../../data/music';
import { Outputs } from '../../files/outputs.node';
import { fail } from '../../graph/check';
import { generateFrames } from '../../decode/frames';
import { stepwise, type GenerateJob, type Kind } from './generateKind';
import { midiFile, type Steps } from '../../report/midi';
import { pianoRoll } from '../../report/pianoRoll.node';

const LENGTH = 96;
const PROMPT_STEPS = 8;

/** Music: a MIDI file, and its piano roll beside it as SVG. */
export const music: Kind = {
  flags: ['prompt', 'promptSteps', 'tempo'],
  prepare({ settings, sample, content, folder, given }: GenerateJob) {
    const { model: name } = settings;
    const prompt = promptSteps(content as Music, given);
    const seed = given.seed as number | undefined;
    const midiPath = resolve(String(given.out ?? join(folder, `generated-s${seed ?? 1}.mid`)));
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    const midiFileAt = outputs.file(midiPath, { from: '--out', kind: 'MIDI' });
    const picturePath = midiPath.replace(/\.midi?$/i, '.svg');
    const pictureAt = outputs.file(picturePath, { from: 'the picture beside --out', kind: 'SVG' });
    const length = Number(given.length ?? LENGTH);
    const tempo = Number(given.tempo ?? (sample.kind === 'music' ? sample.tempo : undefined));
    return async (engine, model) => {
      // Nothing sounds before the first step unless it is said what does.
      const { sequences, ...speed } = await generateFrames(engine, stepwise(model), {
        prompt: prompt.length ? prompt.flatMap(onKeys) : onKeys([]),
        channels: KEYS,
        length,
        seed,
        temperature: given.temperature as number | undefined,
      });
      const steps = [...prompt, ...stepsIn(sequences[0])];
      const title = `${(content as Music).name}: ${name.toUpperCase()}`;
      const midi = midiFileAt.write(midiFile(steps, tempo, title));
      const picture = pictureAt.write(pianoRoll(steps, prompt.length, title));
      console.log(`${midi}\n${picture}`);
      return { ...speed, length, json: { midi, picture, promptSteps: prompt.length, tempo } };
    };
  },
};

/** The first steps of the piece that was asked for. */
function promptSteps({ test }: Music, { prompt, promptSteps }: GenerateJob['given']): Steps {
  if (prompt === undefined) {
    if (promptSteps !== undefined) {
      fail('generate: --prompt-steps needs a piece.', {
        fix: `add --prompt N: ${numbersOf(test)}.`,
      });
    }
    return [];
  }
  const piece = /^\d+$/.test(String(prompt)) ? test[Number(prompt)] : undefined;
  if (!piece) {
    fail(`generate: there is no test piece ${JSON.stringify(prompt)}.`, {
      fix: `give ${numbersOf(test)}.`,
    });
  }
  const count = Number(promptSteps ?? PROMPT_STEPS);
  if (count > piece.length) {
    fail(`generate: test piece ${prompt} has ${piece.length} steps, ${count} were asked for.`, {
      fix: 'give fewer --prompt-steps.',
    });
  }
  return piece.slice(0, count);
}

const numbersOf = ({ length }: Music['test']): string =>
  length > 1 ? `a number from 0 to ${length - 1}` : '0, the only piece';

const onKeys = (keys: readonly number[]): number[] =>
  Array.from({ length: KEYS }, (_, key) => Number(keys.includes(key)));

function stepsIn(frames: Float32Array): number[][] {
  return Array.from({ length: frames.length / KEYS }, (_, t) =>
    Array.from({ length: KEYS }, (_, key) => key).filter((key) => frames[t * KEYS + key] > 0.5),
  );
}
