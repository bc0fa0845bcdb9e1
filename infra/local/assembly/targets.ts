import { reference, type TemplateValue } from './intrinsics.ts'
import type { Template } from './template.ts'
import type { FunctionSpec, Queue } from './types.ts'

/** Finds the function or the queue that an ARN in the template means. */
export interface Targets {
  /** Follows aliases and versions to the function itself. */
  function(arn: TemplateValue | undefined): FunctionSpec | undefined
  queue(arn: TemplateValue | undefined): Queue | undefined
}

export function targetsOf(
  template: Template,
  functions: readonly FunctionSpec[],
  queues: readonly Queue[],
): Targets {
  const findFunction: Targets['function'] = (arn) => {
    const resource = template.resources.get(reference(arn)?.logicalId ?? '')
    if (resource === undefined) return undefined
    if (pointerTypes.has(resource.type)) return findFunction(resource.properties.FunctionName)
    return functions.find(({ logicalId }) => logicalId === resource.logicalId)
  }
  return {
    function: findFunction,
    queue: (arn) => queues.find(({ logicalId }) => logicalId === reference(arn)?.logicalId),
  }
}

const pointerTypes = new Set(['AWS::Lambda::Alias', 'AWS::Lambda::Version'])
