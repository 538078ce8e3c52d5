import { MESSAGE_MAX_BYTES } from '../../../domain/ingestion/limits.ts';

/** Bytes of one request, expanded: Segment's 500 KB, in the smaller reading, which the SDKs keep below. */
export const REQUEST_BYTES_MAX = 500_000;
/** Bytes of one message. */
export const MESSAGE_BYTES_MAX = MESSAGE_MAX_BYTES;
/** The smallest valid message and the comma behind it, `{"type":"page","userId":1},`. */
const MESSAGE_BYTES_MIN = 27;
/** Messages of one request: as many valid ones as fit in it, so that what says less still, such as `0,`, is not taken by the 100,000. */
export const MESSAGES_MAX = Math.floor(REQUEST_BYTES_MAX / MESSAGE_BYTES_MIN);
/** Characters by which a request may grow where its context is given to each of its messages. */
export const INHERITED_CHARS_MAX = 16_000_000;
/** Bytes of bodies that may be on their way in at the same time, over all connections. */
export const READING_BYTES_MAX = 64 * 1024 * 1024;
/** Seconds after which a client that was turned away should try again. */
export const RETRY_AFTER_SECONDS = 1;
/** The same where the disk is full, which takes a person to mend. */
export const RETRY_AFTER_FULL_SECONDS = 10;
/** Levels of nesting of a record that is not a Segment message. */
export const RECORD_DEPTH_MAX = 32;
