// What may be told beside every sample of a recording: spectrum, pitch and voicing, as the article's WaveNet is told
// linguistic features and pitch. Here they are those of the recording itself, as of a vocoder.

import { muLawDecode } from '../../data/muLaw';
import { normalisationOf, type Normalisation } from '../../data/speech/normalisation';
import { PARAMETERS, parametersOf } from '../../data/speech/parameters';
import { perSample } from '../../data/speech/perSample';
import type { DigitBatch, Recording } from '../../data/spokenDigits';
import type { HostArray } from '../../graph/host';

/** Features of recordings, normalised by those that are trained on; each is listened to once, when it is needed. */
export class FeaturesBeside {
  private readonly known = new Map<Recording, Float64Array[]>();
  private own?: Normalisation;

  constructor(private readonly train: readonly Recording[]) {}

  /** The normalisation of all that is trained on. */
  get normalisation(): Normalisation {
    return (this.own ??= normalisationOf(this.train.flatMap((one) => this.framesOf(one))));
  }

  /** f32 [B, T, PARAMETERS] beside the targets of a batch. */
  of({ targets, pieces }: DigitBatch): HostArray {
    const [B, T] = targets.shape;
    const data = new Float32Array(B * T * PARAMETERS);
    pieces.forEach(({ recording, start }, b) => {
      const part = { start, length: T };
      data.set(perSample(this.framesOf(recording), this.normalisation, part), b * T * PARAMETERS);
    });
    return { shape: [B, T, PARAMETERS], data };
  }

  private framesOf(recording: Recording): Float64Array[] {
    const found = this.known.get(recording) ?? parametersOf(muLawDecode(recording.codes));
    this.known.set(recording, found);
    return found;
  }
}
