// The names of `seqgpu/bench` in Node.

import { useDawn } from '../gpu/useDawn.node';

useDawn();

export * from './index';
