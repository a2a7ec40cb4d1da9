// How others see that a run is ready: the page tells nobody.

/** What the browser's list of what a page has done shows when a run is ready that nobody has started. */
export const READY = 'seqgpu: ready';
