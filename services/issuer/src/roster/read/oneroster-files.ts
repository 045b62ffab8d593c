/** One CSV file of OneRoster 1.2: which first lines are allowed, and which columns get past the parser. */
export interface CsvFile {
  readonly name: string
  /** each variant in its prescribed order; what follows must be `metadata.*` */
  readonly headers: readonly (readonly string[])[]
  /** every other column is dropped while the row is read */
  readonly keep: readonly string[]
}

const columns = (text: string): string[] => text.split(',')
const ROW = 'sourcedId,status,dateLastModified'

// OneRoster 1.2 CSV, section 3. The order is part of the standard: a column too many or in another place is another document.
const USER_1_2_1 = `${ROW},enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns`
// The text of 1.2 had one column more, which 1.2.1 took out again; both are in use.
const USER_1_2 = USER_1_2_1.replace('userMasterIdentifier,', 'userMasterIdentifier,resourceSourcedIds,')

/** Where a school says who holds authority over a pupil: `{sourcedId of the guardian:joint},{…}`. */
export const AUTHORITY_COLUMN = 'metadata.nl.gezag'

export const MANIFEST: CsvFile = {
  name: 'manifest',
  headers: [columns('propertyName,value')],
  keep: columns('propertyName,value'),
}

export const ORGS: CsvFile = {
  name: 'orgs',
  headers: [columns(`${ROW},name,type,identifier,parentSourcedId`)],
  keep: columns('sourcedId,type,identifier,parentSourcedId'),
}

export const ACADEMIC_SESSIONS: CsvFile = {
  name: 'academicSessions',
  headers: [columns(`${ROW},title,type,startDate,endDate,parentSourcedId,schoolYear`)],
  keep: columns('sourcedId,type,startDate,endDate'),
}

export const COURSES: CsvFile = {
  name: 'courses',
  headers: [columns(`${ROW},schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes`)],
  keep: columns('sourcedId,orgSourcedId'),
}

export const CLASSES: CsvFile = {
  name: 'classes',
  headers: [
    columns(
      `${ROW},title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods`,
    ),
  ],
  keep: columns('sourcedId,title,grades,courseSourcedId,classType,schoolSourcedId,termSourcedIds'),
}

export const ROLES: CsvFile = {
  name: 'roles',
  headers: [columns(`${ROW},userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId`)],
  keep: columns('sourcedId,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId'),
}

export const USERS: CsvFile = {
  name: 'users',
  headers: [columns(USER_1_2_1), columns(USER_1_2)],
  keep: columns(
    `sourcedId,givenName,familyName,middleName,agentSourcedIds,grades,preferredGivenName,${AUTHORITY_COLUMN}`,
  ),
}

export const ENROLLMENTS: CsvFile = {
  name: 'enrollments',
  headers: [columns(`${ROW},classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate`)],
  keep: columns('sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,beginDate,endDate'),
}

/** Only the birth date is read, and only to answer four questions about age; sex, origin and place of birth never leave the parser. */
export const DEMOGRAPHICS: CsvFile = {
  name: 'demographics',
  headers: [
    columns(
      `${ROW},birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus`,
    ),
  ],
  keep: columns('sourcedId,birthDate'),
}

/** Without these a roster says nothing about who is at which school. */
export const NEEDED_FILES: readonly CsvFile[] = [ORGS, ACADEMIC_SESSIONS, CLASSES, ROLES, USERS, ENROLLMENTS]

/** Every file that OneRoster 1.2 knows; the ones that we do not read (gradebook, resources) may be there and stay closed. */
export const KNOWN_FILES: ReadonlySet<string> = new Set(
  columns(
    'manifest,academicSessions,categories,classes,classResources,courses,courseResources,demographics,enrollments,lineItemLearningObjectiveIds,lineItems,lineItemScoreScales,orgs,resources,resultLearningObjectiveIds,results,resultScoreScales,roles,scoreScales,userProfiles,userResources,users',
  ),
)
