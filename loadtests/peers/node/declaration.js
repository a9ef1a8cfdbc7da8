// The posting declaration as a JSON Schema: the same fields and limits as OpenRTPD's contract.
import { codes } from './codes.js'

const text = (maxLength, minLength = 1) => ({ type: 'string', minLength, maxLength })
const date = { type: 'string', format: 'date' }
const country = { type: 'string', format: 'country' }
const listOf = (...names) => ({ type: 'array', minItems: 1, maxItems: 2, items: { enum: names } })
const plates = { type: 'array', maxItems: 5000, items: text(20) }

// Ajv looks through an enum one by one, which is slow for all countries of the world.
const known = new Set(codes.countries)
export const FORMATS = { country: code => known.has(code) }

// The field's name on the wire, its column, its shape.
export const FIELDS = [
  ['declarationPostingCountry', 'posting_country', { enum: codes.posting_countries }],
  ['declarationStartDate', 'start_date', date],
  ['declarationEndDate', 'end_date', date],
  ['declarationOperationType', null, listOf('CABOTAGE_OPERATIONS', 'INTERNATIONAL_CARRIAGE')],
  ['declarationTransportType', null, listOf('CARRIAGE_OF_GOODS', 'CARRIAGE_OF_PASSENGERS')],
  ['declarationVehiclePlateNumber', null, plates],
  ['declarationVehiclePlateNumberLight', null, plates],
  ['declarationVehiclePlateNumberHeavy', null, plates],
  ['driverId', 'driver_id', text(36, 36)],
  ['driverLatinFirstName', 'driver_first_name', text(255)],
  ['driverLatinLastName', 'driver_last_name', text(255)],
  ['driverDateOfBirth', 'driver_birth_date', date],
  ['driverLicenseNumber', 'driver_licence_number', text(50)],
  ['driverDocumentType', 'driver_document_type', { enum: ['IDCARD', 'PASSPORT', 'DRIVINGLICENSE'] }],
  ['driverDocumentNumber', 'driver_document_number', text(50)],
  ['driverDocumentIssuingCountry', 'driver_document_country', country],
  ['driverAddressStreet', 'driver_street', text(255)],
  ['driverAddressPostCode', 'driver_post_code', text(20, 0)],
  ['driverAddressCity', 'driver_city', text(100)],
  ['driverAddressCountry', 'driver_country', country],
  ['driverContractStartDate', 'driver_contract_start', date],
  ['driverApplicableLaw', 'driver_applicable_law', country],
  ['driverEmail', 'driver_email', text(254, 0)],
  ['otherContactAsTransportManager', null, { type: 'boolean' }],
  ['otherContactFirstName', 'contact_first_name', text(255)],
  ['otherContactLastName', 'contact_last_name', text(255)],
  ['otherContactEmail', 'contact_email', text(254, 0)],
  ['otherContactPhone', 'contact_phone', text(30, 0)],
  ['otherContactAddressStreet', 'contact_street', text(255)],
  ['otherContactAddressPostCode', 'contact_post_code', text(20, 0)],
  ['otherContactAddressCity', 'contact_city', text(100)],
  ['otherContactAddressCountry', 'contact_country', country],
  ['externalReference', 'external_reference', text(100)],
  ['operatorId', null, text(36, 36)]
]

export const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: FIELDS.slice(0, 5).map(([name]) => name),
  properties: Object.fromEntries(FIELDS.map(([name, , shape]) => [name, shape]))
}
