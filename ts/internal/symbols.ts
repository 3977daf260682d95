/** Names of members that files of this package share and users cannot reach. */

/** Makes an object whose constructor is not for users. */
export const kConstruct = Symbol('kinesis-video-producer.construct');

/** The resolved definition of a stream, for what works on one. */
export const kDefinition = Symbol('kinesis-video-producer.definition');

/** The metrics of a client and of its streams, read once. */
export const kSnapshot = Symbol('kinesis-video-producer.snapshot');

/** What the tracks have in common whose packets come together in the order that the service wants. */
export const kInOrder = Symbol('kinesis-video-producer.inOrder');
