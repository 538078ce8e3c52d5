/** Largest message of the Segment spec as JSON text, in bytes. */
export const MESSAGE_MAX_BYTES = 32 * 1024;

/** Objects and lists within one another, the message itself counted. */
export const DEPTH_MAX = 32;

/** Keys of all objects of one message together. */
export const KEYS_MAX = 2_000;

/** Keys of one record of a source's own form: an order of a shop has hundreds for each of its lines. */
export const RECORD_KEYS_MAX = 50_000;

/** Characters of a message id; what the Segment spec allows. */
export const MESSAGE_ID_MAX_LENGTH = 100;

/** Characters of an event's name. */
export const EVENT_NAME_MAX_LENGTH = 512;

/** Characters of a purpose's name in a consent choice. */
export const PURPOSE_MAX_LENGTH = 100;
