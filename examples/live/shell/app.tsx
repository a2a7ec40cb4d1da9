// The page around its scenes: where one is, the adapter, and what to do where there is none.

import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { SCENES, type Scene } from '../scenes/index';
import { addressOf, place } from './place';
import { adapter, noAdapter } from './trainer';

const links = async () => (await import('./links')).Links;
const slow = async () => (await import('./slow')).Slow;
const noGpu = async () => (await import('./noGpu')).NoGpu;

/** The whole page. */
export function App() {
  const found = SCENES.find(({ name }) => name === place.value.scene);
  const scene = found ?? SCENES[0];
  const lost = place.value.scene && !found;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the scene
      </a>
      <header>
        <p class="brand">
          <strong>seqgpu</strong> live
        </p>
        <p class="about">Sequence models, trained in this page on your GPU. Nothing leaves it.</p>
        <Device />
      </header>
      <div class="columns">
        <Scenes now={scene.name} />
        <main id="main" tabIndex={-1}>
          {lost && (
            <p class="note wrong" role="alert">
              There is no scene called “{place.value.scene}”; this is the first.
            </p>
          )}
          {noAdapter.value && <Loaded load={noGpu} />}
          {adapter.value?.software && <Loaded load={slow} />}
          <Loaded key={scene.name} load={scene.load} />
          <Loaded load={links} />
        </main>
      </div>
    </>
  );
}

function Scenes({ now }: { readonly now: string }) {
  const list = useRef<HTMLElement>(null);
  // On a phone the list is wider than the screen.
  useEffect(() => {
    const here = list.current!.querySelector<HTMLElement>('[aria-current]')!;
    list.current!.scrollLeft = here.offsetLeft - (list.current!.clientWidth - here.offsetWidth) / 2;
  }, [now]);
  return (
    <nav aria-label="Scenes" ref={list}>
      {SCENES.map(({ name, title }) => (
        <a key={name} href={addressOf(name)} aria-current={name === now ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}

/** A part of the page, when its code is there. */
function Loaded({ load }: Pick<Scene, 'load'>) {
  const shown = useSignal<{ readonly Show: ComponentType } | null>(null);
  const failure = useSignal('');
  useEffect(() => {
    load().then(
      (Show) => (shown.value = { Show }),
      (error: Error) => (failure.value = error.message),
    );
  }, []);
  if (failure.value) {
    return (
      <p class="note wrong" role="alert">
        It did not load: {failure}. Load the page again.
      </p>
    );
  }
  return shown.value ? <shown.value.Show /> : <p class="remark">Loading …</p>;
}

/** The address is the scene's, so a link to a part of the page cannot be one. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')!.focus();
}

function Device() {
  const found = adapter.value;
  const words = noAdapter.value ? 'no GPU' : (found?.name ?? 'looking for a GPU …');
  const state = noAdapter.value ? 'none' : found ? (found.software ? 'slow' : 'fast') : 'looking';
  return <p class={`device ${state}`}>{words}</p>;
}
