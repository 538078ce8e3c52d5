/** Given names, surnames and cities of the demo's people. No person is meant. */
export const GIVEN_NAMES = [
  ...['Abigail', 'Adrian', 'Alice', 'Amara', 'Andre', 'Angela', 'Arthur', 'Beatriz', 'Benjamin', 'Brenda'],
  ...['Caleb', 'Carmen', 'Charles', 'Chloe', 'Curtis', 'Daniel', 'Deborah', 'Derek', 'Diana', 'Dolores'],
  ...['Edward', 'Elena', 'Emily', 'Eric', 'Esther', 'Felix', 'Fiona', 'Gabriel', 'Gloria', 'Grace'],
  ...['Hannah', 'Harold', 'Helen', 'Hugo', 'Irene', 'Isaac', 'Jacob', 'Janet', 'Jerome', 'Joanna'],
  ...['Kenneth', 'Kiran', 'Laura', 'Leon', 'Linda', 'Louis', 'Marcus', 'Martha', 'Mei', 'Miguel'],
  ...['Naomi', 'Nathan', 'Nora', 'Oscar', 'Patricia', 'Paul', 'Priya', 'Rachel', 'Raymond', 'Rosa'],
  ...['Samuel', 'Sandra', 'Simon', 'Sofia', 'Teresa', 'Thomas', 'Vera', 'Victor', 'Walter', 'Yusuf'],
] as const;

export const SURNAMES = [
  ...['Abbott', 'Acosta', 'Ahmed', 'Archer', 'Baker', 'Barrett', 'Becker', 'Bennett', 'Blake', 'Bowen'],
  ...['Brennan', 'Calder', 'Campos', 'Carver', 'Chandra', 'Chen', 'Clayton', 'Connolly', 'Costa', 'Crane'],
  ...[
    'Dalton',
    'Delgado',
    'Doyle',
    'Duarte',
    'Eaton',
    'Ellison',
    'Farrell',
    'Fischer',
    'Fletcher',
    'Fontaine',
  ],
  ...['Gallagher', 'Garner', 'Gibson', 'Greene', 'Gupta', 'Hale', 'Harmon', 'Hayes', 'Henning', 'Holloway'],
  ...['Ingram', 'Jennings', 'Kaplan', 'Keller', 'Kim', 'Larsen', 'Lindqvist', 'Lopez', 'Lowell', 'Maddox'],
  ...['Marsh', 'Mercer', 'Monroe', 'Moreno', 'Nakamura', 'Nolan', 'Okafor', 'Oliveira', 'Parrish', 'Patel'],
  ...['Pruitt', 'Quinn', 'Ramsey', 'Reyes', 'Rhodes', 'Rossi', 'Sawyer', 'Shah', 'Sloan', 'Sutton'],
  ...[
    'Tanaka',
    'Thorne',
    'Underwood',
    'Vance',
    'Vargas',
    'Walsh',
    'Warner',
    'Whitfield',
    'Yates',
    'Zimmerman',
  ],
] as const;

/** A city with its area code. */
export interface City {
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly area: string;
}

const city = (name: string, state: string, postalCode: string, area: string): City => ({
  city: name,
  state,
  postalCode,
  area,
});

export const CITIES = [
  city('Albany', 'NY', '12207', '518'),
  city('Albuquerque', 'NM', '87102', '505'),
  city('Atlanta', 'GA', '30303', '404'),
  city('Austin', 'TX', '78701', '512'),
  city('Baltimore', 'MD', '21202', '410'),
  city('Boise', 'ID', '83702', '208'),
  city('Boston', 'MA', '02108', '617'),
  city('Buffalo', 'NY', '14202', '716'),
  city('Charleston', 'SC', '29401', '843'),
  city('Chicago', 'IL', '60602', '312'),
  city('Cincinnati', 'OH', '45202', '513'),
  city('Cleveland', 'OH', '44114', '216'),
  city('Denver', 'CO', '80202', '303'),
  city('Des Moines', 'IA', '50309', '515'),
  city('Detroit', 'MI', '48226', '313'),
  city('Hartford', 'CT', '06103', '860'),
  city('Houston', 'TX', '77002', '713'),
  city('Kansas City', 'MO', '64106', '816'),
  city('Louisville', 'KY', '40202', '502'),
  city('Memphis', 'TN', '38103', '901'),
  city('Miami', 'FL', '33130', '305'),
  city('Milwaukee', 'WI', '53202', '414'),
  city('Minneapolis', 'MN', '55401', '612'),
  city('New Orleans', 'LA', '70112', '504'),
  city('Oakland', 'CA', '94612', '510'),
  city('Omaha', 'NE', '68102', '402'),
  city('Philadelphia', 'PA', '19107', '215'),
  city('Pittsburgh', 'PA', '15222', '412'),
  city('Portland', 'OR', '97204', '503'),
  city('Providence', 'RI', '02903', '401'),
  city('Richmond', 'VA', '23219', '804'),
  city('Rochester', 'NY', '14604', '585'),
  city('Sacramento', 'CA', '95814', '916'),
  city('Salt Lake City', 'UT', '84111', '801'),
  city('San Diego', 'CA', '92101', '619'),
  city('Santa Fe', 'NM', '87501', '505'),
  city('Seattle', 'WA', '98104', '206'),
  city('Spokane', 'WA', '99201', '509'),
  city('Tucson', 'AZ', '85701', '520'),
  city('Tulsa', 'OK', '74103', '918'),
] as const;
