/** Telling what goes on. */
export {
  CHANNELS,
  publish,
  summarize,
  type ChannelMessages,
  type ChannelName,
  type ErrorSummary,
} from './channels.js';
export { guardLogger } from './guarded-logger.js';
export {
  isLogger,
  LOG_LEVELS,
  type LogDetails,
  type Logger,
  type LogLevel,
  type LogMethod,
} from './logger.js';
