#include "trigger/image_source.hpp"

#include "core/glob.hpp"
#include "model/app.hpp"
#include "model/image_reference.hpp"

namespace teal {

ImageSource::ImageSource(const SourceSettings& settings, const std::string& ours)
    : m_image(settings.image.empty() ? ours : settings.image), m_tags(settings.tag), m_is_ours(m_image == ours) {}

bool ImageSource::counts(std::string_view repository, std::string_view tag) const {
  return repository == ImageReference{.name = m_image, .tag = {}, .digest = {}}.path() && !tag.empty() &&
         matches_glob(m_tags, tag) && !(m_is_ours && is_own_tag(tag));
}

} // namespace teal
