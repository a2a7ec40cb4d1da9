// Links to what is set here: loaded when the page stands.

import { Command } from './parts';
import { addressOf, hides, place } from './place';

/** Links to the scene as it is set: whole, and for a lesson. Files are in none. */
export function Links() {
  const { scene, values } = place.value;
  if (hides()) {
    return (
      <p class="remark">
        The settings are hidden: <a href={addressOf(scene, values, false)}>show them</a>
      </p>
    );
  }
  return (
    <details class="links">
      <summary>A link to this</summary>
      <p class="remark">With all that is set here, but for files:</p>
      <Command line={addressOf(scene, values)} />
      <p class="remark">The same for a lesson, with the settings hidden:</p>
      <Command line={addressOf(scene, values, true)} />
    </details>
  );
}
