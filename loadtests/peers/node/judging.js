// The rules of OpenRTPD's `validate/`, all but those over recorded drivers and fleets named by their ids.
import { codes, shapes } from './codes.js'
import { readFleet } from './plates.js'

const [EARLIEST, LATEST] = codes.dates
const [YOUNGEST, OLDEST] = codes.driver_ages
const LICENCES = shapes(codes.licences)
const REMARKS = new Set([
  'late_submission', 'weight_not_for_passengers', 'plate_not_latin', 'plate_pattern', 'duplicate_plate',
  'plate_key_twice', 'name_unusual', 'contract_after_start', 'applicable_law', 'licence_number_shape'
])
const EMAIL = /^[^\s@<>()[\],;:"]+@(?:[^\s@.<>()[\],;:"]+\.)+[^\s@.<>()[\],;:"]{2,}$/
const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/
const PLAIN = /^[A-Za-zÀ-ÖØ-öø-ɏ .,'’-]*$/
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]/u
// eslint-disable-next-line no-control-regex
const SUSPICIOUS = /[\\\x7f-\x9f\u2028\u2029]/
const OTHER_SCRIPT = /(?!\p{Script=Latin}|ʼ)\p{L}/u
const UNUSUAL = /[^ .,\-'’ʼ`´·‐‑\p{L}\p{M}]/u
const CONTACT = ['otherContactFirstName', 'otherContactLastName', 'otherContactEmail', 'otherContactPhone']
const DRIVER = [
  'driverLatinFirstName', 'driverLatinLastName', 'driverLicenseNumber', 'driverDocumentType', 'driverDocumentNumber',
  'driverDocumentIssuingCountry', 'driverAddressStreet', 'driverAddressCity', 'driverAddressCountry',
  'driverApplicableLaw', 'driverDateOfBirth', 'driverContractStartDate'
]
const NONE = []

export const refuses = found => found.some(({ code }) => !REMARKS.has(code))

// Applies all rules; `line` is the declaration's text, `today` a date as text. Dates compare as text.
// Gives the fleet that the declaration names and what was found.
export function judge (declaration, establishment, today, line) {
  const found = []
  const tell = (code, field) => found.push({ code, field })
  const home = country(establishment)
  judgePeriod(declaration.declarationStartDate, declaration.declarationEndDate, today, tell)
  if (country(declaration.declarationPostingCountry) === home) tell('host_is_establishment', 'declarationPostingCountry')
  for (const field of ['declarationOperationType', 'declarationTransportType']) {
    if (declaration[field].length === 2 && declaration[field][0] === declaration[field][1]) tell('duplicate_code', field)
  }
  const { fleet, found: about } = readFleet(
    declaration.declarationVehiclePlateNumber ?? NONE,
    declaration.declarationVehiclePlateNumberLight ?? NONE,
    declaration.declarationVehiclePlateNumberHeavy ?? NONE,
    declaration.declarationTransportType,
    home
  )
  if (about.length) found.push(...about)
  judgeContact(declaration, tell)
  judgeDriver(declaration, home, tell)
  if (SUSPICIOUS.test(line)) {
    for (const [field, value] of Object.entries(declaration)) {
      if (typeof value === 'string' && CONTROL.test(value)) tell('control_character', field)
    }
  }
  return { fleet, found }
}

const country = code => codes.aliases[code] ?? code

const lastDays = new Map()

function lastDay (start) {
  let last = lastDays.get(start)
  if (last === undefined) {
    const [year, month, day] = start.split('-').map(Number)
    const end = new Date(Date.UTC(year, month - 1 + codes.months, 1))
    const days = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate()
    end.setUTCDate(day > days ? days : day - 1)
    last = end.toISOString().slice(0, 10)
    if (lastDays.size > 10000) lastDays.clear()
    lastDays.set(start, last)
  }
  return last
}

function judgePeriod (start, end, today, tell) {
  if (start < EARLIEST || start > LATEST) tell('date_out_of_range', 'declarationStartDate')
  if (end < EARLIEST || end > LATEST) tell('date_out_of_range', 'declarationEndDate')
  if (end < start) tell('end_before_start', 'declarationEndDate')
  if (start <= LATEST && end > lastDay(start)) tell('period_too_long', 'declarationEndDate')
  if (start < today) tell('late_submission', 'declarationStartDate')
}

function judgeContact (declaration, tell) {
  if (declaration.otherContactEmail && !EMAIL.test(declaration.otherContactEmail)) tell('email_shape', 'otherContactEmail')
  if (declaration.otherContactAsTransportManager) return
  for (const field of CONTACT) if (!declaration[field]?.trim()) tell('contact_incomplete', field)
}

function judgeDriver (declaration, home, tell) {
  if (declaration.driverId === undefined) {
    for (const field of DRIVER) if (!declaration[field]?.trim()) tell('driver_field_missing', field)
  } else if (DRIVER.some(field => declaration[field])) tell('driver_given_twice', 'driverId')
  else if (!UUID.test(declaration.driverId)) tell('not_a_uuid', 'driverId')
  for (const field of ['driverLatinFirstName', 'driverLatinLastName']) {
    const name = declaration[field]
    if (!name || PLAIN.test(name)) continue
    if (OTHER_SCRIPT.test(name)) tell('name_not_latin', field)
    else if (UNUSUAL.test(name)) tell('name_unusual', field)
  }
  const { declarationStartDate: start, driverDateOfBirth: born, driverContractStartDate: contract } = declaration
  if (born) {
    const age = start.slice(0, 4) - born.slice(0, 4) - (start.slice(5) < born.slice(5) ? 1 : 0)
    if (age < YOUNGEST || age > OLDEST) tell('birth_date_implausible', 'driverDateOfBirth')
  }
  if (contract) {
    if (contract < EARLIEST || contract > LATEST) tell('date_out_of_range', 'driverContractStartDate')
    if (contract > start) tell('contract_after_start', 'driverContractStartDate')
  }
  const law = declaration.driverApplicableLaw
  if (law && country(law) !== home) tell('applicable_law', 'driverApplicableLaw')
  if (declaration.driverLicenseNumber && !licenceFits(declaration, home)) tell('licence_number_shape', 'driverLicenseNumber')
  if (declaration.driverEmail && !EMAIL.test(declaration.driverEmail)) tell('email_shape', 'driverEmail')
}

function licenceFits (declaration, home) {
  const issuers = declaration.driverDocumentType === 'DRIVINGLICENSE'
    ? [declaration.driverDocumentIssuingCountry]
    : [home, declaration.driverAddressCountry, declaration.driverDocumentIssuingCountry]
  const named = issuers.filter(Boolean)
  const key = declaration.driverLicenseNumber.normalize('NFKC').toUpperCase().replace(/[^\p{L}\p{N}]/gu, '')
  return named.length === 0 || named.some(issuer => LICENCES.get(country(issuer))?.test(key) ?? true)
}
