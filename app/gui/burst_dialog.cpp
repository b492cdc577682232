// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/burst_dialog.h"

#include "app/client/quantities.h"
#include "app/gui/form_parts.h"
#include "app/gui/live_data.h"
#include "app/gui/policy_actions.h"
#include "app/gui/policy_sentences.h"
#include "app/gui/quantity_edit.h"
#include "app/gui/texts.h"

#include <QComboBox>
#include <QDateTime>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace weir::gui {

namespace {

constexpr qint64 kWeek = 7 * 24 * 3600;
constexpr quint64 kDay = 24 * 3600;

} // namespace

BurstDialog::BurstDialog(LiveData &live, PolicyActions &actions, const dbus::WatchRow &watch, QWidget *parent)
    : PolicyDialog(client::Policy::Burst, live, actions, watch, parent),
      m_trigger(new QuantityEdit({}, tr("Above"), tr("For example: 50 Mbit/s"))), m_direction(new QComboBox),
      m_window(new QuantityEdit({Quantity::Kind::Duration, 5, kDay}, tr("On average over"),
                                tr("For example: 15 min"))),
      m_throttle(new QuantityEdit({}, tr("Throttle to"), tr("For example: 5 Mbit/s"))),
      m_hold(new QuantityEdit({Quantity::Kind::Duration, 1, quint64(kWeek)}, tr("For"),
                              tr("For example: 30 min"))),
      m_now(new QWidget), m_nowText(new QLabel), m_restore(new QPushButton(tr("Restore now"))),
      m_preview(hintLabel())
{
    setWindowTitle(tr("Burst guard of “%1”").arg(watch.name));
    m_direction->setAccessibleName(tr("What is averaged"));
    m_direction->addItem(tr("Both directions together"), QStringLiteral("sum"));
    m_direction->addItem(tr("Down"), QStringLiteral("down"));
    m_direction->addItem(tr("Up"), QStringLiteral("up"));
    auto *now = new QHBoxLayout(m_now);
    now->setContentsMargins(0, 0, 0, 0);
    now->addWidget(m_nowText, 1);
    now->addWidget(m_restore);
    QGridLayout *form = nullptr;
    auto *body = fieldsWidget(form);
    addField(form, tr("Above"), m_trigger, m_trigger->line());
    addField(form, tr("Of"), m_direction, m_direction);
    addField(form, tr("On average over"), m_window, m_window->line());
    addField(form, tr("Throttle to"), m_throttle, m_throttle->line());
    addField(form, tr("For"), m_hold, m_hold->line());
    addField(form, tr("Now"), m_now, m_now);
    addField(form, tr("In the past"), m_preview, m_preview);
    for (QuantityEdit *edit : {m_trigger, m_window, m_throttle, m_hold})
        connect(edit, &QuantityEdit::changed, this, &BurstDialog::check);
    connect(m_direction, &QComboBox::currentIndexChanged, this, &BurstDialog::check);
    connect(m_restore, &QPushButton::clicked, this, [this] {
        this->actions().endBurst(this->watch().name);
        m_restore->setEnabled(false);
    });
    connect(&live.watches(), &WatchModel::updated, this, &BurstDialog::arrange);
    finish(body);
    m_trigger->setFocus();
}

bool BurstDialog::isSet() const
{
    return watch().burst.set;
}

void BurstDialog::load()
{
    const dbus::BurstState &burst = watch().burst;
    const auto some = [](qulonglong value) { return value ? std::optional<quint64>(value) : std::nullopt; };
    setEnabledWanted(!burst.set || burst.enabled);
    m_trigger->setValue(some(burst.triggerBitsPerSecond));
    m_direction->setCurrentIndex(std::max(0, m_direction->findData(burst.direction)));
    m_window->setValue(burst.set ? burst.windowS : 15 * 60);
    m_throttle->setValue(some(burst.throttleBitsPerSecond));
    m_hold->setValue(burst.set ? burst.holdS : 30 * 60);
}

dbus::BurstState BurstDialog::wanted() const
{
    dbus::BurstState burst;
    burst.set = true;
    burst.enabled = enabledWanted();
    burst.triggerBitsPerSecond = m_trigger->value().value_or(0);
    burst.direction = m_direction->currentData().toString();
    burst.windowS = uint(m_window->value().value_or(0));
    burst.throttleBitsPerSecond = m_throttle->value().value_or(0);
    burst.holdS = uint(m_hold->value().value_or(0));
    return burst;
}

QVariantMap BurstDialog::fields() const
{
    return client::fieldsOf(wanted());
}

QString BurstDialog::wrong() const
{
    const std::pair<const QuantityEdit *, QString> edits[] = {{m_trigger, tr("Above: %1")},
                                                              {m_window, tr("On average over: %1")},
                                                              {m_throttle, tr("Throttle: %1")},
                                                              {m_hold, tr("For: %1")}};
    for (const auto &[edit, where] : edits)
        if (!edit->fits())
            return where.arg(edit->wrong());
    if (*m_throttle->value() > *m_trigger->value())
        return tr("The throttle must not be above what triggers it, %1.")
            .arg(client::rateText(*m_trigger->value()));
    return {};
}

QString BurstDialog::describe() const
{
    return text::burstSentence(watch().name, wanted());
}

void BurstDialog::arrange()
{
    const quint64 speed = text::lineSpeed(live().links(), watch());
    const QString tooFast = text::tooFast(live().links(), watch());
    for (QuantityEdit *edit : {m_trigger, m_throttle})
        edit->setWarning(speed != 0 && edit->value().value_or(0) > speed ? tooFast : QString());
    const dbus::WatchRow *row = live().watches().watch(watch().name);
    const bool throttled = row && row->burst.state == QLatin1String("throttled");
    m_restore->setVisible(throttled);
    m_restore->setEnabled(!busy());
    m_nowText->setText(row && row->burst.set ? text::burstCell(row->burst, live().watches().now())
                                             : tr("No guard yet"));
}

void BurstDialog::askPreview()
{
    const uint asked = ++m_asked;
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    const qint64 from = now - kWeek;
    limits().previewBurst(
        watch().name, fields(), from, this,
        [this, asked, from, now,
         window = wanted().windowS](const client::Answer<client::BurstPreview> &answer) {
            if (asked != m_asked)
                return;
            if (answer)
                setHint(m_preview, text::burstPreview(*answer, from, now, window), Tone::Plain);
            else
                setHint(m_preview, tr("No preview: %1").arg(text::callError(answer.error())), Tone::Warning);
        });
}

void BurstDialog::clearPreview()
{
    ++m_asked; // an answer that is under way is of other values
    setHint(m_preview, QString(), Tone::Plain);
}

QString BurstDialog::previewText() const
{
    return m_preview->text();
}

} // namespace weir::gui
