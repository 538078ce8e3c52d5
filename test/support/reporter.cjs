'use strict';
const { Spec } = require('mocha').reporters;

/** Mocha's own report, and each try that failed before the one that counts, with its reason: none of them goes unseen. */
module.exports = class extends Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on('retry', (test, error) => {
      console.log(`    failed, tried again: ${test.fullTitle()}\n${error.stack ?? error.message}`);
    });
  }
};
