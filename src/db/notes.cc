#include "db/notes.h"

#include "base/bytes.h"
#include "base/try.h"
#include "storage/file_names.h"

namespace omendb {

Result<Notes> Notes::open(Disk& disk, const std::string& directory) {
  Notes notes(disk, directory);
  Result<SlotPair> slots = SlotPair::open(disk, join_path(directory, kNotesName));
  if (slots.ok()) {
    notes.slots_ = std::move(slots).value();
  } else if (slots.error().code != ErrorCode::NotFound) {
    return std::move(slots.error());
  }
  return notes;
}

std::string Notes::text() const { return slots_ ? std::string(text_of(slots_->value())) : std::string(); }

Result<void> Notes::set(std::string_view text) {
  if (text.size() > kNotesBytesMax) {
    return Error{ErrorCode::TooLarge, "the notes have " + std::to_string(text.size()) + " bytes, at most " +
                                          std::to_string(kNotesBytesMax) + " fit"};
  }
  if (slots_) return slots_->write(bytes_of(text));
  slots_ = OMEN_TRY(SlotPair::create(*disk_, join_path(directory_, kNotesName), bytes_of(text)));
  return {};
}

}  // namespace omendb
