/** Telling what goes on. */
export { guardLogger } from './guarded-logger.js';
export {
  isLogger,
  LOG_LEVELS,
  type LogDetails,
  type Logger,
  type LogLevel,
  type LogMethod,
} from './logger.js';
