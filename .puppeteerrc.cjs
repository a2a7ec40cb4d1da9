// No browser is downloaded while npm installs: a failed download would fail the install, and many machines have a
// Chrome already. What needs one asks src/cli/browser/browser.node.ts, which downloads it then.
module.exports = { skipDownload: true };
