import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { log } from './log.ts'

const metrics = new Metrics({ namespace: 'Recado' })

/** Alerts as a log line for people and a metric that the stack's alarms watch. */
export const alerts = {
  raise(name: string, facts: Readonly<Record<string, string | number | undefined>>): void {
    log.error(name, { alert: name, ...facts })
    metrics.addMetric(name, MetricUnit.Count, 1)
    metrics.publishStoredMetrics()
  },
}
