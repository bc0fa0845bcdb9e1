import type { LambdaFunction, Place } from './lambda-function.ts'

/**
 * The variables that Lambda sets, laid over the function's own. The credentials are placeholders:
 * the SDK wants some, the embedded services look at none.
 */
export function runtimeVariables(
  lambda: LambdaFunction,
  place: Place,
  environmentId: string,
): Record<string, string> {
  return {
    ...lambda.environment,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DEFAULT_REGION: place.region,
    AWS_REGION: place.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${lambda.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: environmentId,
    LAMBDA_TASK_ROOT: lambda.codeDirectory,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: lambda.handler,
  }
}
