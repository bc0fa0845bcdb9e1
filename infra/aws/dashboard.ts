import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import type { Alarms } from '#infra/aws/alarms.ts'
import type { Api } from '#infra/aws/api.ts'
import type { Database } from '#infra/aws/database.ts'
import type { Functions } from '#infra/aws/functions.ts'
import type { WorkQueue } from '#infra/aws/queues.ts'
import type { Schedules } from '#infra/aws/schedules.ts'

export interface DashboardProps {
  readonly alarms: Alarms
  readonly api: Api
  readonly database: Database
  readonly functions: Functions
  readonly queues: readonly WorkQueue[]
  readonly schedules: Schedules
}

type Metrics = [title: string, metrics: cloudwatch.IMetric[]]

const halfWidth = 12
const graph = ([title, left]: Metrics) =>
  new cloudwatch.GraphWidget({ title, left, width: halfWidth, height: 6 })

/** The one page to open first: what alarms, then the road of a message from left to right. */
export function dashboard(scope: Construct, props: DashboardProps): cloudwatch.Dashboard {
  const board = new cloudwatch.Dashboard(scope, 'Dashboard', {
    dashboardName: 'recado',
    defaultInterval: Duration.hours(3),
  })
  const alarms = new cloudwatch.AlarmStatusWidget({
    title: 'Alarms',
    alarms: props.alarms.all,
    width: 2 * halfWidth,
    height: 5,
  })
  board.addWidgets(alarms)
  board.addWidgets(...apiMetrics(props).map(graph))
  board.addWidgets(...queueMetrics(props).map(graph))
  board.addWidgets(...functionMetrics(props).map(graph))
  board.addWidgets(...databaseMetrics(props).map(graph))
  return board
}

const apiMetrics = ({ api: { api } }: DashboardProps): Metrics[] => [
  [
    'API: requests',
    [
      api.metricCount({ label: 'all', statistic: 'Sum' }),
      api.metricClientError({ label: '4xx', statistic: 'Sum' }),
      api.metricServerError({ label: '5xx', statistic: 'Sum' }),
    ],
  ],
  [
    'API: latency (ms)',
    [
      api.metricLatency({ label: 'p50', statistic: 'p50' }),
      api.metricLatency({ label: 'p99', statistic: 'p99' }),
    ],
  ],
]

const queueMetrics = ({ queues, schedules }: DashboardProps): Metrics[] => [
  [
    'Queues: age of the oldest (s)',
    queues.map(({ name, queue }) => queue.metricApproximateAgeOfOldestMessage({ label: name })),
  ],
  [
    'Dead letters',
    [
      ...queues.map(({ name, deadLetters }) => [name, deadLetters] as const),
      ...schedules.deadLetters,
    ].map(([label, queue]) => queue.metricApproximateNumberOfMessagesVisible({ label })),
  ],
]

function functionMetrics({ functions: { byName } }: DashboardProps): Metrics[] {
  const all = Object.entries(byName)
  return [
    ['Functions: errors', all.map(([label, made]) => made.metricErrors({ label }))],
    [
      'Functions: p99 duration (ms)',
      all.map(([label, made]) => made.metricDuration({ label, statistic: 'p99' })),
    ],
  ]
}

const databaseMetrics = ({ database: { cluster } }: DashboardProps): Metrics[] => [
  ['Database: capacity (ACU)', [cluster.metricServerlessDatabaseCapacity({ label: 'ACU' })]],
  [
    'Database: connections and use (%)',
    [
      cluster.metricDatabaseConnections({ label: 'connections' }),
      cluster.metricACUUtilization({ label: 'ACU utilization' }),
    ],
  ],
]
