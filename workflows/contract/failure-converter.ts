import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stacks of failures go through the payload codec too: Temporal keeps them in clear otherwise. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
