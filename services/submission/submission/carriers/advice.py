"""What each refusal about carriers says to people."""

from collections.abc import Mapping
from typing import Final

from shared.web.messages import mark

ADVICE: Final[Mapping[str, str]] = {
    "confirmation_missing": mark("Tick the box: what is erased cannot be brought back."),
    "ideas_carried": mark(
        "You carry ideas still. Erase each on its own page; your account goes with the last."
    ),
    "carrier_type_refused": mark(
        "This programme does not take carriers of this type. Its rules say which it takes."
    ),
    "part_refused": mark(
        "Only an organisation that is a legal person can have this part in a project."
    ),
    "siret_refused": mark(
        "A SIRET has 14 digits, and a wrong digit is noticed. Look it up on the notice from INSEE."
    ),
    "rna_refused": mark(
        "An RNA number is W and nine digits, such as W622000000. It is on the receipt of the"
        " declaration to the prefecture."
    ),
    "birth_refused": mark("Give the day on which you were born."),
    "age_refused": mark("This programme takes ideas from people of certain ages only."),
    "category_refused": mark(
        "This category is for others: the rules say for whom. Choose another one, or none."
    ),
    "representative_refused": mark(
        "Your legal representative agrees for you: give her address, not yours."
    ),
    "links_missing": mark(
        "Tick your links with the territory: you have fewer than the rules ask for."
    ),
    "not_sworn": mark("Tick the sworn statement: the rules ask for it."),
    "consent_missing": mark(
        "Your legal representative has to agree first, by the link in the message that was sent."
    ),
    "consent_given": mark(
        "You agreed before. The idea’s carrier can erase it, or an officer whom you write to."
    ),
    "carrier_too_young": mark(
        "The organisation has to exist for longer, or you have not said since when it exists."
    ),
    "seat_elsewhere": mark(
        "The organisation has to have its seat in one of the programme’s territories. Say where it"
        " is."
    ),
    "sse_missing": mark(
        "An identifier of the social and solidarity economy is asked for. Say which one the"
        " organisation has and until when it holds, or find a sponsor that has one."
    ),
    "sse_expired": mark(
        "The identifier of the social and solidarity economy holds no more. Renew it, and say until"
        " when it holds."
    ),
    "sponsor_missing": mark("You need a sponsor: name the organisation that answers for you."),
    "too_many_ideas": mark(
        "This carrier, a person or an organisation, has as many ideas as one may in this programme."
    ),
    "number_missing": mark(
        "The rules limit what one organisation has: it is known by its numbers. Declare them on its"
        " page: an association each number that the rules take, any other one of them. Where it has"
        " its number here already, make it the lead by that number."
    ),
    "too_many_dossiers": mark(
        "This carrier has filed as many dossiers as one may in this programme."
    ),
    "too_many_of_carrier": mark(
        "More projects of one carrier would be voted on than the rules allow. One of them has to be"
        " withdrawn."
    ),
    "earlier_winner": mark(
        "This carrier was funded not long ago: the rules bar it for some years."
    ),
    "winners_only": mark(
        "Costs of this kind are only for carriers whose earlier project was funded here."
    ),
    "carrier_busy": mark("Another act of this carrier is under way. Try again."),
    "sse_too_long": mark(
        "An identifier of the social and solidarity economy is given for two years, and then"
        " renewed. Give the day until which it holds now."
    ),
    "day_refused": mark("Give a day that can be meant here."),
    "organisation_unknown": mark(
        "No such organisation is known here. Check its number, or declare it."
    ),
    "number_taken": mark(
        "Another organisation has this number here. Take it by its number, instead of declaring it"
        " again."
    ),
    "organisation_cleared": mark(
        "An officer has found this organisation in order: its name, type, numbers, day of"
        " foundation and identifier of the social and solidarity economy stay. Write to the officer"
        " if they are wrong, or the identifier was renewed: it is looked at anew."
    ),
    "aids_counted": mark(
        "An officer counted the aids of this organisation for an agreement that is not signed yet:"
        " they stay meanwhile. The officer has to take back that it is in order, and then to look"
        " at it anew."
    ),
    "organisation_carries": mark(
        "This organisation has a part in a project still. Take it out there first."
    ),
    "too_many_aids": mark("No more aids can be listed. Remove those older than three years."),
    "joined_before": mark("It has this part in the project already."),
    "too_many_parts": mark("As many have a part in this project as may."),
    "lead_fixed": mark(
        "Who carries a project does not leave it, and once the dossier is filed an organisation is"
        " not replaced."
    ),
    "carrier_unknown": mark("Nobody of this description carries the project. Load the page anew."),
    "clearing_refused": mark("Something that the rules ask for is missing. The page says what."),
    "contract_day_refused": mark("The contract is signed on a day that has come."),
    "de_minimis_passed": mark(
        "With this grant the carrier would pass the ceiling of aid in three years."
    ),
    "cleared_before": mark("This carrier was found in order before."),
    "not_cleared": mark("This carrier is not in order: there is nothing to withdraw."),
    "ground_unknown": mark("Choose one of the grounds for erasing."),
    "content_unknown": mark("No text has this id: check what you entered."),
    "erased_before": mark("All of these texts were erased before."),
}
