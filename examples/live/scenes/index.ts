// The scenes by their names in the address, in the order of the page. Each is loaded when somebody goes there.

import type { ComponentType } from 'preact';

/** A scene of the page. */
export interface Scene {
  readonly name: string;
  readonly title: string;
  load(): Promise<ComponentType>;
}

/** All of them. */
export const SCENES: readonly Scene[] = [
  { name: 'copy', title: 'Copy memory', load: async () => (await import('./copy')).CopyScene },
  {
    name: 'k',
    title: 'How large must k be?',
    load: async () => (await import('./truncation')).TruncationScene,
  },
  { name: 'field', title: 'The receptive field', load: async () => (await import('./field')).FieldScene },
  { name: 'stable', title: 'A stable net forgets', load: async () => (await import('./stable')).StableScene },
  { name: 'writing', title: 'Learning to write', load: async () => (await import('./writing')).WritingScene },
  { name: 'attention', title: 'Attention', load: async () => (await import('./attention')).AttentionScene },
  { name: 'music', title: 'Music', load: async () => (await import('./music')).MusicScene },
  { name: 'sound', title: 'Speech', load: async () => (await import('./sound')).SoundScene },
  { name: 'bench', title: 'A bench of one’s own', load: async () => (await import('./bench')).BenchScene },
];
