/** The errors that the service answers with. */

/** HTTP status by the name of the exception. */
export const HTTP_STATUS = {
  AccessDeniedException: 401,
  AccountStreamLimitExceededException: 400,
  ClientLimitExceededException: 400,
  ConnectionLimitExceededException: 400,
  InternalFailure: 500,
  InvalidArgumentException: 400,
  InvalidCodecPrivateDataException: 400,
  InvalidMediaFrameException: 400,
  InvalidResourceFormatException: 400,
  MissingCodecPrivateDataException: 400,
  NoDataRetentionException: 400,
  NotAuthorizedException: 401,
  NotImplementedException: 501,
  RequestEntityTooLargeException: 413,
  ResourceInUseException: 400,
  ResourceNotFoundException: 404,
  SerializationException: 400,
  StreamEdgeConfigurationNotFoundException: 404,
  TagsPerResourceExceededLimitException: 400,
  UnsupportedStreamMediaTypeException: 400,
  ValidationException: 400,
  VersionMismatchException: 400,
} as const;

/** Refusals of the layer in front of the service: always 403, and a body of another form. */
export const AUTHENTICATION_STATUS = 403;

/** Name of an exception that an operation can throw. */
export type ExceptionType = keyof typeof HTTP_STATUS;

const AUTHENTICATION_FAILURES = [
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
] as const;

/** Name of a refusal for who asks, rather than for what is asked. */
export type AuthenticationFailure = (typeof AUTHENTICATION_FAILURES)[number];

/** Whether a name is that of a refusal for who asks. */
export function isAuthenticationFailure(type: string): type is AuthenticationFailure {
  return AUTHENTICATION_FAILURES.some((known) => known === type);
}

/** An error that is an answer to the request. */
export abstract class Refusal extends Error {
  /** Name of the exception. */
  abstract readonly type: string;
  /** Status of the response. */
  abstract readonly httpStatus: number;
  /** Body of the response: JSON, or a page of HTML. */
  abstract readonly body: object | string;
}

/** Thrown anywhere in an operation to answer the request with this error. */
export class ServiceException extends Refusal {
  override readonly name = 'ServiceException';
  readonly type: ExceptionType;

  constructor(type: ExceptionType, message: string) {
    super(message);
    this.type = type;
  }

  get httpStatus(): number {
    return HTTP_STATUS[this.type];
  }

  get body(): object {
    return { Message: this.message };
  }
}

/** A request that is refused for its signature or its credentials. */
export class AuthenticationException extends Refusal {
  override readonly name = 'AuthenticationException';
  readonly type: AuthenticationFailure;
  readonly httpStatus = AUTHENTICATION_STATUS;

  constructor(type: AuthenticationFailure, message: string) {
    super(message);
    this.type = type;
  }

  /** This layer writes the key in lower case. */
  get body(): object {
    return { message: this.message };
  }
}

/** A value that is outside of what the operation takes. */
export function invalidArgument(message: string): ServiceException {
  return new ServiceException('InvalidArgumentException', message);
}

/** The text the service uses for a stream that does not exist or cannot be used yet. */
export function streamNotFound(): ServiceException {
  return new ServiceException(
    'ResourceNotFoundException',
    'The requested stream is not found or not active.',
  );
}
