/** Names of members that files of this package share and users cannot reach. */

/** Makes an object whose constructor is not for users. */
export const kConstruct = Symbol('kinesis-video-producer.construct');

/** The resolved definition of a stream, for what works on one. */
export const kDefinition = Symbol('kinesis-video-producer.definition');

/** Marks a track whose packets come in the order in which the service wants them. */
export const kInOrder = Symbol('kinesis-video-producer.inOrder');
