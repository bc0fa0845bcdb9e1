import { Aws, Validations } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Functions } from '#infra/aws/functions.ts'
import { deadLetterQueue } from '#infra/aws/queues.ts'
import { schedules } from '#infra/topology-schedules.ts'
import type { ScheduleSpec } from '#infra/topology-shapes.ts'

/** The clocks: every schedule of the topology, with a role and a DLQ of its own. */
export class Schedules extends Construct {
  /** Schedule name → ticks that could not be handed to the function. */
  readonly deadLetters: ReadonlyMap<string, sqs.Queue>

  constructor(scope: Construct, id: string, functions: Functions) {
    super(scope, id)
    this.deadLetters = new Map(
      Object.entries(schedules).map(([name, spec]) => [name, this.#add(name, spec, functions)]),
    )
  }

  #add(name: string, spec: ScheduleSpec, functions: Functions): sqs.Queue {
    const target = functions.byName[spec.function]
    const deadLetters = deadLetterQueue(this, `${name}-dead-letters`, { origin: name })
    Validations.of(deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the DLQ of a schedule, which the rule does not look at.',
    })
    const role = new iam.Role(this, `${name}-role`, {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    })
    grant(role, 'lambda:InvokeFunction', target.functionArn)
    grant(role, 'sqs:SendMessage', deadLetters.queueArn)
    new CfnSchedule(this, name, {
      name: `recado-${name}`,
      scheduleExpression: spec.expression,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target.functionArn,
        roleArn: role.roleArn,
        // The next tick does the same work, so a late one is worth little.
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 2 },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    }).node.addDependency(role)
    return deadLetters
  }
}

function grant(role: iam.Role, action: string, resource: string): void {
  role.addToPolicy(new iam.PolicyStatement({ actions: [action], resources: [resource] }))
}
