/** Names of members that files of this package share and users cannot reach. */

/** Makes an object whose constructor is not for users. */
export const kConstruct = Symbol('kinesis-video-producer.construct');
