// Weights as files: saved from the run as it is, and files of weights that a run begins with.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { planOf, type Trainer } from '../shell/trainer';
import type { Plan, Wish } from '../work/messages';
import { save } from './save';

interface Props {
  readonly trainer: Trainer;
  readonly wish: Wish;
  set(file: File | undefined): void;
  /** Sets what the weights were made with. */
  take(origin: NonNullable<Plan['origin']>, file: File): void;
}

/** A file that does not fit, and why. */
interface Refused extends Pick<Plan, 'wrong' | 'origin'> {
  readonly file: File;
}

/** Buttons for both; a file that does not fit changes nothing, and says why. */
export function Weights({ trainer, wish, set, take }: Props) {
  const refused = useSignal<Refused | null>(null);
  const exported = trainer.exported.value;
  useEffect(() => {
    if (!exported) return;
    save(new Uint8Array(exported.bytes), exported.name, 'application/octet-stream');
    trainer.exported.value = null;
  }, [exported]);
  const choose = async (file: File) => {
    const { wrong, origin } = await planOf({ ...wish, weights: file });
    refused.value = wrong ? { file, wrong, origin } : null;
    if (!wrong) set(file);
  };
  const { wrong, origin, file } = refused.value ?? {};
  const active = trainer.active.value;
  return (
    <div class="run weights">
      <button
        disabled={!trainer.begun.value || trainer.state.value === 'failed'}
        onClick={() => trainer.export()}
      >
        Save the weights
      </button>
      <label class="button">
        Begin with weights of a file
        <input
          type="file"
          accept=".safetensors"
          disabled={active}
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? [];
            currentTarget.value = '';
            if (chosen) void choose(chosen);
          }}
        />
      </label>
      {wish.weights && (
        <>
          <span class="status">It begins with {wish.weights.name}.</span>
          <button disabled={active} onClick={() => set(undefined)}>
            Begin as the seed has it
          </button>
        </>
      )}
      {wrong && (
        <div class="note wrong" role="alert">
          {wrong}
          <div class="run">
            {origin && (
              <button
                onClick={() => {
                  refused.value = null;
                  take(origin, file!);
                }}
              >
                Set what it was made with
              </button>
            )}
            <button onClick={() => (refused.value = null)}>Leave it</button>
          </div>
        </div>
      )}
    </div>
  );
}
