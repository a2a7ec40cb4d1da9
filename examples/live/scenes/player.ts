// Plays notes and sounds: a voice for every note, made of a few harmonics, struck and dying away; no sound is loaded.

import { signal } from '@preact/signals';

/** A note: a key of a piano, from one step up to, but not, another. */
interface Note {
  readonly key: number;
  readonly from: number;
  readonly to: number;
}

/** The key of A4, which has 440 Hz, among the 88. */
const A4 = 48;
/** Strengths of the harmonics, from the first. */
const HARMONICS = [1, 0.45, 0.25, 0.12, 0.08, 0.04];
/** How loud a voice is, and in seconds: how soon it is there, how soon it dies away, and what is left of it ends. */
const [LOUD, ATTACK, DECAY, RELEASE] = [0.12, 0.012, 0.9, 0.09];
/** What begins now is heard so much later, so that nothing of it is late. */
const AHEAD = 0.08;

/** One thing that is played at a time. */
export class Player {
  /** How much of it was played, 0 to 1; null where nothing is. */
  readonly at = signal<number | null>(null);
  private context: AudioContext | null = null;
  private timer = 0;

  /** Plays notes, `tempo` in steps a minute, of so many steps. */
  notes(list: readonly Note[], tempo: number, steps: number): void {
    const each = 60 / tempo;
    this.play(each * steps, (context, begin) => {
      const out = new DynamicsCompressorNode(context);
      out.connect(context.destination);
      const imag = new Float32Array([0, ...HARMONICS]);
      const wave = new PeriodicWave(context, { real: new Float32Array(imag.length), imag });
      for (const { key, from, to } of list) {
        voice(context, { wave, out, key, begin: begin + from * each, end: begin + to * each });
      }
    });
  }

  /** Plays samples, `rate` of them a second. */
  samples(values: Float32Array, rate: number): void {
    this.play(values.length / rate, (context, begin) => {
      const buffer = new AudioBuffer({ length: values.length, sampleRate: rate });
      buffer.copyToChannel(new Float32Array(values), 0);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(context.destination);
      source.start(begin);
    });
  }

  stop(): void {
    clearInterval(this.timer);
    void this.context?.close();
    this.context = null;
    this.at.value = null;
  }

  private play(seconds: number, make: (context: AudioContext, begin: number) => void): void {
    this.stop();
    const context = (this.context = new AudioContext());
    const begin = context.currentTime + AHEAD;
    make(context, begin);
    this.at.value = 0;
    this.timer = window.setInterval(() => {
      const part = (context.currentTime - begin) / seconds;
      if (part >= 1) this.stop();
      else this.at.value = Math.max(0, part);
    }, 50);
  }
}

interface Voice {
  readonly wave: PeriodicWave;
  readonly out: AudioNode;
  readonly key: number;
  readonly begin: number;
  readonly end: number;
}

function voice(context: AudioContext, { wave, out, key, begin, end }: Voice): void {
  const tone = new OscillatorNode(context, { frequency: 440 * 2 ** ((key - A4) / 12) });
  tone.setPeriodicWave(wave);
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(LOUD, begin + ATTACK);
  gain.gain.setTargetAtTime(LOUD / 4, begin + ATTACK, DECAY);
  gain.gain.setTargetAtTime(0, end - RELEASE / 2, RELEASE / 3);
  tone.connect(gain).connect(out);
  tone.start(begin);
  tone.stop(end + RELEASE);
}
