import { readFunctions } from './functions.ts'
import { readRoutes } from './http-api.ts'
import { readMailRoad } from './mail.ts'
import { readQueues } from './queues.ts'
import { targetsOf } from './targets.ts'
import { readTemplate } from './template.ts'
import { readSubscriptions, readTopics } from './topics.ts'
import { readMappings, readSchedules } from './triggers.ts'
import type { Assembly } from './types.ts'

/**
 * Reads a cloud assembly (`cdk.out`, one stack) into what the local stack runs. Environments and
 * schedule inputs stay unresolved, because they name resources that get their addresses later:
 * see `resolve`. `fill` puts what is known by now into the template's text. Throws with the logical id
 * of the resource that it cannot understand.
 */
export async function readAssembly(
  directory: string,
  fill: (template: string) => string = (template) => template,
): Promise<Assembly> {
  const template = await readTemplate(directory, fill)
  const functions = readFunctions(template)
  const queues = readQueues(template)
  refuseRepeatedNames('functions', functions)
  refuseRepeatedNames('queues', queues)
  const targets = targetsOf(template, functions, queues)
  return {
    functions,
    queues,
    routes: readRoutes(template, targets),
    mappings: readMappings(template, targets),
    schedules: readSchedules(template, targets),
    topics: readTopics(template),
    subscriptions: readSubscriptions(template, targets),
    mail: readMailRoad(template),
    resources: template.resources,
  }
}

function refuseRepeatedNames(
  what: string,
  items: readonly { readonly name: string; readonly logicalId: string }[],
): void {
  for (const [name, group] of Map.groupBy(items, (item) => item.name)) {
    if (group.length === 1) continue
    const logicalIds = group.map(({ logicalId }) => logicalId).join(', ')
    throw new Error(`several ${what} are named ${name}: ${logicalIds}`)
  }
}
