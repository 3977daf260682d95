/** A page on this machine that plays a stream. */
export type { AckEvent, FragmentRow, PageConfig, SessionRequest } from './protocol.js';
export { ServiceSource } from './service-source.js';
export { PlayServer, type PlayServerOptions } from './server/server.js';
export type { MediaStart, PlaySource } from './source.js';
