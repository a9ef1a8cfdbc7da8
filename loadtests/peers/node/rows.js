// A declaration as a line of COPY's text format. Control characters are refused before, so only backslashes are escaped.
import { FIELDS } from './declaration.js'

const SAME = FIELDS.filter(([, column]) => column !== null)

export const COLUMNS = [
  'declaration_id', 'version', 'operator_id', 'operator_country', 'withdrawn', 'accepted_at', 'submitted_at',
  'cabotage', 'international', 'goods', 'passengers', 'fleet_id', 'contact_is_transport_manager',
  ...SAME.map(([, column]) => column)
].join(', ')

const escaped = value => value.includes('\\') ? value.replaceAll('\\', '\\\\') : value

export function rowOf (declaration, id, operator, establishment, acceptedAt, fleet) {
  const operations = declaration.declarationOperationType
  const transports = declaration.declarationTransportType
  let row = `${id}\t1\t${operator}\t${establishment}\tf\t${acceptedAt}\t${acceptedAt}` +
    `\t${operations.includes('CABOTAGE_OPERATIONS')}\t${operations.includes('INTERNATIONAL_CARRIAGE')}` +
    `\t${transports.includes('CARRIAGE_OF_GOODS')}\t${transports.includes('CARRIAGE_OF_PASSENGERS')}` +
    `\t${fleet ? fleet.id : '\\N'}\t${declaration.otherContactAsTransportManager === true}`
  for (const [name] of SAME) {
    const value = declaration[name]
    row += value === undefined ? '\t\\N' : `\t${escaped(value)}`
  }
  return `${row}\n`
}
