/** Telling what goes on. */
export {
  CHANNELS,
  publish,
  summarize,
  type ChannelMessages,
  type ChannelName,
  type ErrorSummary,
} from './channels.js';
export {
  createFileLogger,
  FileLogger,
  type FileLoggerOptions,
  type FileLoggerResult,
} from './file-logger.js';
export { guardLogger } from './guarded-logger.js';
export { createLogger, JsonLogger, type LoggerOptions } from './json-logger.js';
export { levelOfEnvironment, LOG_THRESHOLDS, type LogThreshold } from './levels.js';
export {
  isLogger,
  LOG_LEVELS,
  type LogDetails,
  type Logger,
  type LogLevel,
  type LogMethod,
} from './logger.js';
