// A recording from a WaveNet that was trained on sound of one's own, as a WAV file.

import { join } from 'node:path';
import { muLawDecode } from '../../data/muLaw';
import type { OwnSound } from '../../data/own/sound';
import { encodeWav } from '../../data/wav';
import { Outputs } from '../../files/outputs.node';
import { fail } from '../../graph/check';
import { SoundModel } from '../../models/soundModel';
import { speakCodes } from '../../tasks/digits/soundGeneration';
import type { GenerateJob, Kind } from './generateKind';

const SECONDS = 0.5;

/** Sound of one's own: a WAV file of a class that the model was trained on. */
export const recording: Kind = {
  flags: ['class', 'seconds'],
  prepare({ settings, content, folder, given }: GenerateJob) {
    const { rate, classes } = content as OwnSound;
    const label = labelOf(classes, given.class === undefined ? undefined : String(given.class));
    if (label > 0 && settings.condition === 'none') {
      fail(`generate: the model in ${folder} was not told the class, so it cannot be asked for one.`, {
        fix: 'leave --class out, or train one without --condition none.',
      });
    }
    const seed = Number(given.seed ?? 1);
    const path = String(given.out ?? join(folder, `generated-s${seed}.wav`));
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    const wav = outputs.file(path, { from: '--out', kind: 'WAV' });
    const length = Number(given.length ?? Math.max(1, Math.round(Number(given.seconds ?? SECONDS) * rate)));
    return async (engine, model) => {
      if (!(model instanceof SoundModel)) return fail('generate: this is no model of sound.');
      const start = performance.now();
      const temperature = given.temperature === undefined ? 1 : Number(given.temperature);
      const codes = await speakCodes(engine, model, { told: [label, 0], length, temperature, seed });
      const seconds = (performance.now() - start) / 1000;
      const file = wav.write(encodeWav({ rate, samples: muLawDecode(codes) }));
      console.log(file);
      return { stepsPerSecond: length / seconds, seconds, length, json: { file, class: classes[label] } };
    };
  },
};

function labelOf(classes: readonly string[], name: string | undefined): number {
  if (name === undefined) return 0;
  const label = classes.indexOf(name);
  if (label >= 0) return label;
  return fail(`generate: there is no class ${JSON.stringify(name)}.`, {
    given: `the model was trained on ${classes.map((one) => JSON.stringify(one)).join(', ')}`,
    fix: 'give --class one of them.',
  });
}
