import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  DEFAULT_PERSON_TRAITS,
  PERSON_FIELDS,
  overlay,
  personOf,
} from '../../../domain/link-records/person.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { FEBRL_PERSON } from '../../../domain/mapping/febrl-person.ts';

describe('the person in a set of traits', () => {
  it('is read under the names of the Segment spec, nested addresses included', () => {
    const person = personOf({
      firstName: ' Jane ',
      lastName: 'Doe',
      birthday: '1980-02-29',
      email: 'jane@example.com',
      phone: 41791234567,
      address: { street: 'Main St 5', city: 'Bern', postalCode: '3000', state: 'BE', country: 'CH' },
      plan: 'premium',
    });
    assert.deepEqual(person, {
      given: 'Jane',
      surname: 'Doe',
      birthDate: '1980-02-29',
      email: 'jane@example.com',
      phone: '41791234567',
      street: 'Main St 5',
      city: 'Bern',
      postcode: '3000',
      state: 'BE',
    });
  });

  it('is found under the names that exports use, whatever their case and separators', () => {
    const expected = {
      ...{
        given: 'Jane',
        surname: 'Doe',
        birthDate: '1980-02-29',
        email: 'j@example.com',
        phone: '0791234567',
      },
      ...{ houseNumber: '5', street: 'Main St', postcode: '3000', city: 'Bern', state: 'BE' },
    };
    const rows = [
      'first_name surname dob email_address mobile_phone house_number street postcode town county',
      'given_name family_name date_of_birth email phone_number street_number address_1 zip_code suburb state',
      'FirstName LastName Birthdate EmailAddress Telephone HouseNo StreetName PostalCode City Region',
      'Forename,Last Name,Date Of Birth,E-Mail,Mobile,House No.,Address Line 1,Zip,Locality,Province',
      'fname lname birth_date mail cell address.street_number address.line1 address.zip address.city address.region',
    ];
    for (const row of rows) {
      const names = row.split(row.includes(',') ? ',' : ' ');
      const traits: JsonObject = {};
      for (const [at, name] of names.entries()) {
        const [outer = '', inner] = name.includes('.') && !name.endsWith('.') ? name.split('.') : [name];
        const value = Object.values(expected)[at] ?? null;
        if (inner === undefined) traits[outer] = value;
        else traits[outer] = { ...(traits[outer] as JsonObject | undefined), [inner]: value };
      }
      assert.deepEqual(personOf(traits), expected, row);
    }
  });

  it('has what else is often told of people, to be compared as well', () => {
    assert.deepEqual(personOf({ middle_name: 'M', 'Place of Birth': 'Bern', job_title: 'poet', sex: 'f' }), {
      other: { middleName: 'M', birthPlace: 'Bern', occupation: 'poet', gender: 'f' },
    });
    assert.deepEqual(personOf({ occupation: 'poet', job: 'baker' }, { occupation: ['job'] }), {
      other: { occupation: 'baker' },
    });
  });

  it('has a surname before its comma', () => {
    assert.deepEqual(personOf({ full_name: 'Doe, Jane Mary' }), { given: 'Jane Mary', surname: 'Doe' });
  });

  it('has an address in one line where it is text, and a surname from the name where there is no better', () => {
    assert.deepEqual(personOf({ name: 'Jane Mary Doe', address: 'Main St 5, Bern' }), {
      given: 'Jane Mary',
      surname: 'Doe',
      address: 'Main St 5, Bern',
    });
    assert.deepEqual(personOf({ name: 'Jane Mary Doe', lastName: 'Roe' }), { surname: 'Roe' });
    assert.deepEqual(personOf({ name: 'Jane' }), { given: 'Jane' });
  });

  it('is read under the names that a mapping gives; names that are no fields are compared besides', () => {
    const named = { given: ['vorname'], member: ['club.number', 'no'] };
    assert.deepEqual(personOf({ vorname: 'Jane', firstName: 'no', club: { number: 7 } }, named), {
      given: 'Jane',
      other: { member: '7' },
    });
  });

  it('leaves out what is no evidence: nulls, blanks, lists, and names from a prototype', () => {
    assert.deepEqual(personOf({ firstName: null, lastName: '  ', email: ['a@b.c'], phone: true }), {});
    assert.deepEqual(personOf({}, { given: ['__proto__.name', 'constructor'] }), {});
    assert.deepEqual(personOf({ firstName: 'x'.repeat(501) }), {});
  });

  it('keeps what an event does not mention, and takes what it does', () => {
    const older = personOf({ firstName: 'Jane', lastName: 'Doe' });
    assert.deepEqual(overlay(older, personOf({ lastName: 'Roe' })), { given: 'Jane', surname: 'Roe' });
    assert.deepEqual(overlay({ other: { a: '1', b: '2' } }, { other: { b: '3' } }), {
      other: { a: '1', b: '3' },
    });
  });

  it('is found in every trait that the mapping of FEBRL makes', () => {
    const names = new Set(PERSON_FIELDS.flatMap((field) => DEFAULT_PERSON_TRAITS[field]));
    for (const trait of Object.keys(FEBRL_PERSON.record?.traits ?? {})) assert.ok(names.has(trait), trait);
  });
});
