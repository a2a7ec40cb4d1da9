// The claims of the article, J. Miller, "When Recurrent Models Don't Need to be Recurrent" (2018), in its order, each
// with the experiments that bear on it, for it or against it.

import { inferenceClaim, lagsClaim, memoryClaim, nGramClaim } from './contextClaims';
import { copyClaim, gatedClaim, soundClaim } from './modelClaims';
import { sideBySideClaim } from './sideBySideClaim';
import { stabilityClaim } from './stabilityClaim';
import { unstableClaim, truncationClaim, twinsClaim } from './trainingClaims';
import { translationClaim } from './translationClaim';
import type { Claim } from './claim';
import type { Sources } from './sources';

/** All claims, judged by these results. */
export const claimsOf = (sources: Sources): Claim[] =>
  [
    truncationClaim,
    gatedClaim,
    soundClaim,
    translationClaim,
    copyClaim,
    sideBySideClaim,
    nGramClaim,
    memoryClaim,
    stabilityClaim,
    inferenceClaim,
    twinsClaim,
    lagsClaim,
    unstableClaim,
  ].map((claim) => claim(sources));
