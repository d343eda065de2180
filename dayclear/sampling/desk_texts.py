"""Every text of the sampler's page, by the name under which its scripts ask for it. Both languages go to the device."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

_TEXTS = {
    "standing": _("What is not yet with the server"),
    "online": _("Online"),
    "offline": _("Offline"),
    "all_up": _("Everything is uploaded."),
    "waiting": _("Not uploaded: tubes {tubes}, boxes {boxes}; the oldest since {since} ({span})."),
    "clock_behind": _("This device's clock is {span} behind the server. Set it right; times are corrected meanwhile."),
    "clock_ahead": _("This device's clock is {span} ahead of the server. Set it right; times are corrected meanwhile."),
    "span_minutes": _("{m} min"),
    "span_hours": _("{h} h {m} min"),
    "span_days": _("{d} d {h} h"),
    "elsewhere": _("Already open"),
    "elsewhere_why": _(
        "This page is open in another window of this device. Go on there, or close it and reload this one."
    ),
    "enrol": _("Enrol this device"),
    "enrol_why": _("The officer of your county gives you a code that works once, for one device."),
    "enrol_code": _("Enrolment code"),
    "device_name": _("Name of this device"),
    "enrolled": _("This device is enrolled."),
    "start": _("Start the shift"),
    "no_rounds": _("There is no open round here. Ask your officer, then look again."),
    "look_again": _("Look again"),
    "round": _("Round"),
    "point": _("Sampling point"),
    "choose_both": _("Choose the round and the point."),
    "started": _("The shift has begun. Scan the first tube."),
    "tube": _("Tube"),
    "box": _("Box"),
    "views": _("Parts of the work"),
    "not_uploaded": _("Not uploaded"),
    "scan_tube": _("Scan the next tube, or type its number."),
    "no_tube": _("No tube is open"),
    "closed_here": _("Closed in this shift"),
    "count_of": _("{n} of {most}"),
    "people_in": _("people: {n}"),
    "open_tube": _("Open the tube"),
    "close_tube": _("Close the tube"),
    "household": _("One household, one tube: close it after the last of the household."),
    "tube_number": _("Tube number"),
    "person_by": _("How this person is registered"),
    "tube_for": _("What the next tube is for"),
    "persons": _("People"),
    "goods": _("Goods"),
    "environment": _("Surroundings"),
    "by_code": _("Code"),
    "by_identity": _("Document"),
    "by_slip": _("Slip"),
    "code_field": _("Scan code or card"),
    "identity_field": _("Document number"),
    "slip_field": _("Slip number"),
    "item_field": _("What was wiped"),
    "camera": _("Camera"),
    "no_camera": _("This installation has no decoder for the camera. Type, or use a scanner."),
    "camera_shut": _("The camera cannot be used: {why}"),
    "stop": _("Stop"),
    "undo": _("Undo"),
    "uploaded": _("uploaded"),
    "kept": _("on this device"),
    "shown_code": _("Code {text}"),
    "shown_identity": _("Document {text}"),
    "shown_slip": _("Slip {text}"),
    "tube_opened": _("Tube open. Scan the first person."),
    "tube_opened_items": _("Tube open. Say what was wiped, one after the other."),
    "item_added": _("Noted."),
    "item_removed": _("The last entry is taken out again."),
    "person_added": _("Added."),
    "person_removed": _("The last person is taken out again."),
    "tube_put_back": _("The empty tube is put back."),
    "tube_now_full": _("The tube is full. Close it."),
    "tube_closed": _("Tube closed. Scan the next one."),
    "box_opened": _("Box open. Scan the tubes as they go in."),
    "tube_boxed": _("In the box."),
    "tube_taken_out": _("The last tube is taken out again."),
    "box_closed": _("Box closed."),
    "not_a_tube": _("This is not a tube number: DC, ten digits, one more character."),
    "tube_check": _("{tube}: the last character does not fit. Read the number again."),
    "tube_not_ours": _("{tube} is not of the numbers given to this device. Take another tube."),
    "tube_used": _("{tube} was already opened on this device."),
    "close_first": _("Tube {tube} is still open. Close it first."),
    "tube_is_open": _("{tube} is the open tube, and not full. Go on, or press the button to close it."),
    "tube_full": _("The tube holds {most} people and is full. Close it."),
    "tube_empty": _("Nothing is in this tube. Put it back with Undo."),
    "twice_in_tube": _("This person is already in this tube."),
    "twice_in_round": _("This person was already sampled in this round, in tube {tube}."),
    "not_understood": _("Not a code and not an identity number. For another document or a slip, choose it above."),
    "id_check": _("The last character of the identity number does not fit. Read it again."),
    "id_form": _("A document number has 5 to 32 letters and digits."),
    "slip_form": _("A slip number has 4 to 20 letters and digits."),
    "code_unreadable": _("The code cannot be read. Type the identity number or use a paper slip."),
    "code_unknown_key": _(
        "The code was signed by nobody this device knows. Type the identity number or use a paper slip."
    ),
    "code_forged": _(
        "The signature of this code is wrong: it is not genuine. Type the identity number or use a paper slip."
    ),
    "code_expired": _("The code has expired. Type the identity number or use a paper slip."),
    "code_revoked": _("The code was called back. Type the identity number or use a paper slip."),
    "excluded": _(
        "This person waits for a single test after a positive tube. Do not swab them here; call your officer."
    ),
    "no_box": _("No box is open"),
    "open_box": _("Open a box"),
    "close_box": _("Close the box"),
    "box_of": _("Box {id}"),
    "counted": _("Tubes in the box, counted by hand"),
    "count_needed": _("Count the tubes in the box and type the number."),
    "difference": _("Scanned {scanned}, counted {counted}. Count again; closed as it is, the difference is recorded."),
    "box_empty": _("No tube is in this box."),
    "tube_still_open": _("{tube} is still open. Close it before it goes into a box."),
    "already_boxed": _("{tube} is already in a box."),
    "nothing_to_undo": _("There is nothing to undo."),
    "outbox": _("Not uploaded"),
    "outbox_done": _("Everything closed here is with the server."),
    "outbox_waits": _(
        "Tubes {tubes} and boxes {boxes} wait on this device. They go up by themselves once there is a network."
    ),
    "upload_now": _("Upload now"),
    "refused_row": _("{what}: kept by the server, to be looked at by your officer. {why}"),
    "problem_row": _("Parcel {counter} was not taken: {why} It stays here and is offered again."),
    "way_out": _("When uploading fails"),
    "way_out_why": _(
        "Save everything that waits as a file, or show it as QR codes. Your officer takes it in; nothing counts twice."
    ),
    "export_file": _("Save as a file"),
    "export_qr": _("Show as QR codes"),
    "exported": _("Saved. Give the file to your officer."),
    "nothing_to_export": _("Nothing waits on this device."),
    "no_pictures": _("This installation has no encoder for QR codes. Save a file."),
    "picture_of": _("{n} of {count}"),
    "end_head": _("End of the shift"),
    "end_why": _("Possible when no tube and no box is open and everything is uploaded, or saved as a file."),
    "end": _("End the shift"),
    "ended": _("The shift is over."),
    "still_open": _("A tube or a box is still open."),
    "not_safe": _("Something is neither uploaded nor saved. Upload it, or save it as a file."),
    "not_kept": _("This browser does not keep the page: without a network it works only as long as it stays open."),
    "not_reached": _("The server was not reached. Try again."),
}


def texts() -> dict[str, dict[str, str]]:
    """language → name → text."""
    spoken = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            spoken[language] = {name: str(text) for name, text in _TEXTS.items()}
    return spoken
