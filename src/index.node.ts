// The public names in Node.

import { useDawn } from './gpu/useDawn.node';

useDawn();

export * from './index';
export { open } from './gpu/openTuned.node';
